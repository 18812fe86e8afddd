import { readFile } from 'node:fs/promises';
import type { KeyObject } from 'node:crypto';
import { parseArgs } from 'node:util';

import { described, type ChainVerdict } from '../../platform/audit/verification/finding.ts';
import {
  createKeyRing,
  readGivenKey,
  type KeyRing,
} from '../../platform/audit/verification/key-ring.ts';
import {
  chainsToVerify,
  verifyDatabaseChain,
} from '../../platform/audit/verification/verify-database.ts';
import { verifyExport } from '../../platform/audit/verification/verify-export.ts';
import { verifyReceipt } from '../../platform/audit/verification/verify-receipt.ts';
import { Failure } from '../../schemas/failure.ts';
import { configOrExit } from '../environment.ts';
import { exitWith } from '../exit.ts';
import { optionsOrUsage } from './options.ts';
import { recordVerified } from './record-command.ts';
import { openTarget, type Target } from './verify-target.ts';

const USAGE = `Usage: durable-experiments audit verify [<export folder> | <receipt.json> | <audit.db> | postgresql://…]
         --key <public key: PEM or key statement> [--key …]
         [--checkpoints <folder or s3://…>] [--chain <name>]

Without a place it verifies the log of the settings. Nothing is written to what is verified; that the log of
the settings was verified is recorded in it.
Exit codes: 0 as it was signed, 1 it was touched (the first bad event is named), 2 it could not be verified,
            3 nothing speaks against it, but nobody vouches for the keys, or nothing signs it.`;

const [VERIFIED, TOUCHED, NOT_VERIFIED, UNVOUCHED] = [0, 1, 2, 3] as const;
/** Further findings that are told. */
const TOLD = 5;

/** durable-experiments audit verify. */
export function run(args: readonly string[]): Promise<number> {
  return verify(args).catch((error: unknown) => exitWith(error, NOT_VERIFIED));
}

async function verify(args: readonly string[]): Promise<number> {
  const given = optionsOrUsage(USAGE, () =>
    parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        key: { type: 'string', multiple: true, default: [] },
        checkpoints: { type: 'string' },
        chain: { type: 'string' },
      },
    }),
  );
  if (!given || given.positionals.length > 1) {
    if (given) console.error(USAGE);
    return NOT_VERIFIED;
  }
  const { key: paths, checkpoints, chain } = given.values;
  const keys = await Promise.all(paths.map(givenKey));
  const target = await openTarget({
    place: given.positionals[0],
    checkpoints,
    config: configOrExit,
  });
  const ring = createKeyRing(target.statements, keys);
  let code: number = VERIFIED;
  for (const problem of ring.problems) {
    console.log(problem);
    code = TOUCHED;
  }
  const verdicts: ChainVerdict[] = [];
  try {
    for await (const verdict of verdictsOf(target, ring, chain)) {
      verdicts.push(verdict);
      show(verdict);
      if (verdict.findings.length > 0) code = TOUCHED;
    }
  } catch (error) {
    // What was found is worse than what can't be read.
    if (code === TOUCHED) exitWith(error, TOUCHED);
    throw error;
  }
  if (target.kind === 'database' && target.own) await recordVerified(verdicts, configOrExit());
  if (code === TOUCHED) return code;
  return vouched(ring, verdicts) ? VERIFIED : UNVOUCHED;
}

async function* verdictsOf(
  target: Target,
  keys: KeyRing,
  chain: string | undefined,
): AsyncGenerator<ChainVerdict> {
  if (target.kind === 'export') yield await verifyExport(target.folder, keys);
  else if (target.kind === 'receipt') yield verifyReceipt(target.receipt, keys);
  else {
    const { database, checkpoints } = target;
    try {
      const chains = await chainsToVerify(database, { checkpoints });
      if (chain !== undefined && !chains.includes(chain)) throw noChain(chain);
      for (const name of chains) {
        if (chain === undefined || name === chain)
          yield await verifyDatabaseChain(database, { checkpoints, keys }, name);
      }
    } catch (error) {
      throw error instanceof Failure ? error : unreadable(error);
    } finally {
      await database.tables.destroy();
    }
  }
}

function show(verdict: ChainVerdict): void {
  const { chain, size, seen, root, checkpoints, covered, coveredAt, findings, warnings } = verdict;
  for (const warning of warnings) console.log(`${chain}: ${warning}`);
  const [first, ...others] = findings;
  if (first) {
    console.log(`First bad: ${described(first)}`);
    for (const finding of others.slice(0, TOLD)) console.log(`Also: ${described(finding)}`);
    if (others.length > TOLD) console.log(`… and ${others.length - TOLD} more.`);
    return;
  }
  const signed = `${checkpoints} ${checkpoints === 1 ? 'checkpoint' : 'checkpoints'}`;
  const last = coveredAt === undefined ? '' : `, the last of ${coveredAt}`;
  const events = seen === size ? `${size} events` : `${seen} of ${size} events`;
  console.log(`${chain}: ${events} as they were recorded, root ${root}, ${signed}${last}.`);
  const open = size - covered;
  if (open > 0) {
    const those = open === 1 ? 'last event is' : `last ${open} events are`;
    console.log(`${chain}: the ${those} covered by no signature yet.`);
  }
}

function vouched(ring: KeyRing, verdicts: readonly ChainVerdict[]): boolean {
  if (ring.unvouched) {
    console.log(
      'NOBODY VOUCHES FOR THIS: the keys lay beside what they are to prove. Whoever rewrote both would not be found. Hand over the auditor’s public key with --key.',
    );
  }
  const unsigned = verdicts.filter(({ size, covered }) => size > 0 && covered === 0);
  for (const { chain } of unsigned) {
    console.log(
      `NOTHING SIGNS ${chain}: no checkpoint was found, so a full rewrite would not be, either.`,
    );
  }
  return !ring.unvouched && unsigned.length === 0;
}

async function givenKey(path: string): Promise<KeyObject> {
  try {
    return readGivenKey(await readFile(path, 'utf8'));
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === 'ENOENT';
    throw new Failure(
      'INVALID_REQUEST',
      missing ? `There is no file ${path}.` : `${path} is not a public Ed25519 key.`,
      'Name a file with what “audit keys” prints: PEM, or a key statement as JSON.',
      { cause },
    );
  }
}

function noChain(chain: string): Failure {
  return new Failure(
    'INVALID_REQUEST',
    `There is no chain ${chain}.`,
    'Leave --chain out to see which there are.',
  );
}

function unreadable(cause: unknown): Failure {
  return new Failure(
    'AUDIT_UNAVAILABLE',
    'The audit log can’t be read.',
    'See that it is an audit database, that it answers, and that this account may read it.',
    { cause },
  );
}
