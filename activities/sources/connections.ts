import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import {
  parseConnectionString,
  type Connection,
  type TlsMode,
} from '../../platform/connections/connection-string.ts';
import { Failure } from '../../schemas/failure.ts';
import { shownName, shownNames } from './shown-name.ts';
import { likelyMeant } from '../../platform/spelling.ts';

/** A connection with what only an operator may add: an authority for the server's certificate (PEM). */
export type ResolvedConnection = Connection & { readonly certificateAuthority?: string };

/** The SQL connections that an operator has configured. */
export interface NamedConnections {
  /**
   * Reads what the connection refers to (password and certificate files) anew, so that a rotated
   * password counts from the next run on.
   * @throws Failure CONNECTION_NOT_FOUND, or SETUP_FAILED when a file or variable is missing
   */
  open(name: string): Promise<ResolvedConnection>;
}

const text = z.string().min(1);
const serverSchema = z
  .strictObject({
    kind: z.enum(['postgresql', 'mysql']),
    host: text,
    port: z.number().int().min(1).max(65_535).optional(),
    database: text,
    user: text,
    password: text.optional(),
    passwordFile: text.optional(),
    passwordEnv: text.optional(),
    tls: z.enum(['disable', 'prefer', 'require', 'verify-full']).default('prefer'),
    caFile: text.optional(),
  })
  .refine(
    (entry) => [entry.password, entry.passwordFile, entry.passwordEnv].filter(Boolean).length <= 1,
    'takes one of password, passwordFile and passwordEnv',
  );
const entrySchema = z.union([
  z.strictObject({ url: text }),
  z.strictObject({ kind: z.literal('sqlite'), path: text }),
  serverSchema,
]);
const fileSchema = z.record(
  z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/, 'has letters, digits, dots, dashes and underscores'),
  entrySchema,
);
type Entry = z.infer<typeof entrySchema>;

/**
 * Reads CONNECTIONS_FILE: a JSON object of names, each {url}, {kind: "sqlite", path} or {kind, host,
 * port?, database, user, password? | passwordFile? | passwordEnv?, tls?, caFile?}.
 * @param environment where passwordEnv is looked up
 * @throws Failure SETUP_FAILED with one line that says what is wrong
 */
export async function loadConnections(
  path: string | undefined,
  environment: Readonly<Record<string, string | undefined>> = {},
): Promise<NamedConnections> {
  const entries = path === undefined ? {} : await readConnections(path);
  return {
    async open(name) {
      const entry = Object.hasOwn(entries, name) ? entries[name] : undefined;
      if (!entry) throw unknownConnection(name, Object.keys(entries));
      return resolveEntry(name, entry, environment);
    },
  };
}

async function readConnections(path: string): Promise<Record<string, Entry>> {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw wrongSetup(`CONNECTIONS_FILE ${path} can’t be read as JSON`, cause);
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  // Values may be passwords: only the places are named.
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || 'the file');
  throw wrongSetup(`CONNECTIONS_FILE ${path} is wrong at ${[...new Set(places)].join(', ')}`);
}

async function resolveEntry(
  name: string,
  entry: Entry,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<ResolvedConnection> {
  if ('url' in entry) return parseConnectionString(entry.url);
  if (entry.kind === 'sqlite') return entry;
  const { kind, host, database, user, tls } = entry;
  const port = entry.port ?? (kind === 'postgresql' ? 5432 : 3306);
  const password = await passwordOf(name, entry, environment);
  const server = { kind, host, port, database, user, password, tls: tls satisfies TlsMode };
  if (entry.caFile === undefined) return server;
  return { ...server, certificateAuthority: await readSecret(name, entry.caFile) };
}

async function passwordOf(
  name: string,
  { password, passwordFile, passwordEnv }: z.infer<typeof serverSchema>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string> {
  if (passwordFile !== undefined) return (await readSecret(name, passwordFile)).trim();
  if (passwordEnv === undefined) return password ?? '';
  const value = environment[passwordEnv];
  if (value === undefined) {
    throw wrongSetup(`The variable ${passwordEnv} of connection ${shownName(name)} is not set`);
  }
  return value;
}

async function readSecret(name: string, path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw wrongSetup(`A file of connection ${shownName(name)} can’t be read`, cause);
  }
}

function unknownConnection(name: string, names: readonly string[]): Failure {
  const meant = likelyMeant(name, names);
  return new Failure(
    'CONNECTION_NOT_FOUND',
    `There is no connection named ${shownName(name)}.`,
    meant.length > 0
      ? `Did you mean ${shownNames(meant)}?`
      : 'Ask the operator for the names in CONNECTIONS_FILE.',
  );
}

function wrongSetup(message: string, cause?: unknown): Failure {
  return new Failure('SETUP_FAILED', `${message}.`, 'The operator has to correct it.', { cause });
}
