// npm run keys -- add|list|revoke: the keys with which callers show who they are. Only “add” prints one, once.
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';

import { z } from 'zod';

import { withFileLock } from '../local/file-lock.mjs';
import { keyEntrySchema, makeKey, type KeyEntry } from '../server/access/api-key.ts';
import { readKeyList, writeKeyList } from '../server/access/key-list.ts';
import { AGENT_SCOPES } from '../server/access/rules.ts';
import { operator, recordCommand } from './audit/record-command.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';

const USAGE = `Usage: npm run --silent keys -- add --name NAME [--scopes ${AGENT_SCOPES.join(',')}]
                                     [--tenant default] [--expires 90d] [--first]
       npm run --silent keys -- list
       npm run --silent keys -- revoke ID`;

const UNITS = { h: 3_600_000, d: 86_400_000, y: 365 * 86_400_000 };

const { name, tenant, scopes } = keyEntrySchema.shape;
const expires = z
  .string()
  .regex(/^\d{1,4}[hdy]$/, 'is a number and h, d or y')
  .optional();
const aboutSchema = z.object({ name, tenant, scopes, expires });

const config = configOrExit();
const path = config.apiKeysFile;
const [command, ...args] = process.argv.slice(2);
try {
  if (command === 'add') await alone(add);
  else if (command === 'list' && args.length === 0) await list();
  else if (command === 'revoke' && args.length === 1) await alone(() => revoke(args[0] ?? ''));
  else usage();
} catch (error) {
  exitWith(error);
}

/** Of two at once, neither may lose the other’s key, or bring a revoked one back. */
async function alone(change: () => Promise<void>): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await withFileLock(`${path}.lock`, {}, change);
}

async function add(): Promise<void> {
  const about = wanted();
  if (!about) return usage();
  const keys = await readKeyList(path);
  if (about.first && keys)
    return console.error(
      `There are keys in ${path}: none is made. “keys add --name …” makes one more.`,
    );
  const { text, entry } = makeKey(about, new Date());
  await recordCommand(
    config,
    [
      {
        ...{ name: 'key.added', chain: entry.tenant },
        fields: { ...operator(), 'key.id': entry.id, 'key.name': entry.name, scopes: entry.scopes },
      },
    ],
    'silent',
  );
  await writeKeyList(path, [...(keys ?? []), entry]);
  console.log(text);
  console.error(`${described(entry)}\nThis is the only time that the key is shown.`);
  if (!keys) console.error('Start servers again: from then on they ask every caller for a key.');
}

function wanted() {
  try {
    const { values } = parseArgs({
      args,
      options: {
        name: { type: 'string' },
        scopes: { type: 'string', default: AGENT_SCOPES.join(',') },
        tenant: { type: 'string', default: 'default' },
        expires: { type: 'string' },
        first: { type: 'boolean', default: false },
      },
    });
    const scopes = values.scopes.split(',').map((scope) => scope.trim());
    const { expires, ...about } = aboutSchema.parse({ ...values, scopes });
    return {
      ...about,
      expires: expires === undefined ? null : later(expires),
      first: values.first,
    };
  } catch (error) {
    if (error instanceof z.ZodError) {
      for (const { path: at, message } of error.issues)
        console.error(`--${at.map(String)[0]}: ${message}`);
    }
    return undefined;
  }
}

function later(duration: string): string {
  const unit = UNITS[duration.slice(-1) as keyof typeof UNITS];
  return new Date(Date.now() + Number.parseInt(duration, 10) * unit).toISOString();
}

async function list(): Promise<void> {
  const keys = (await readKeyList(path)) ?? [];
  if (keys.length === 0) console.error(`There are no keys in ${path}.`);
  for (const key of keys) console.log(described(key));
}

async function revoke(id: string): Promise<void> {
  const keys = (await readKeyList(path)) ?? [];
  const revoked = keys.find((key) => key.id === id);
  if (!revoked) {
    console.error(`There is no key ${id} in ${path}: see “npm run keys -- list”.`);
    process.exitCode = 1;
    return;
  }
  await recordCommand(
    config,
    [
      {
        ...{ name: 'key.revoked', chain: revoked.tenant, fields: { ...operator(), 'key.id': id } },
      },
    ],
    'silent',
  );
  await writeKeyList(
    path,
    keys.filter((key) => key !== revoked),
  );
  console.error(`Key ${id} is revoked: running servers refuse it from now on.`);
}

function described({ id, name, tenant, scopes, created, expires }: KeyEntry): string {
  const day = (time: string) => time.slice(0, 10);
  const end = expires === null ? 'does not expire' : `expires ${day(expires)}`;
  return [id, name, `tenant ${tenant}`, scopes.join(','), `made ${day(created)}`, end].join('  ');
}

function usage(): void {
  console.error(USAGE);
  process.exitCode = 2;
}
