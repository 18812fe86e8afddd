import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import {
  parseConnectionString,
  type Connection,
} from '../../platform/connections/connection-string.ts';
import { Failure } from '../../schemas/failure.ts';
import type { ConnectionEntry, Given } from './connection-entries.ts';
import { shownName } from './shown-name.ts';

/** A connection with what only an operator may add. */
export type ResolvedConnection = Connection & {
  /** PEM of an authority for the server’s certificate. */
  readonly certificateAuthority?: string;
  /** The only tables that queries may name. */
  readonly tables?: readonly string[];
};

export type Environment = Readonly<Record<string, string | undefined>>;

const text = z.string().min(1);
const serverSchema = z.object({
  host: text,
  port: z.coerce.number().int().min(1).max(65_535).optional(),
  database: text,
  user: text,
  password: z.string().default(''),
  tls: z.enum(['disable', 'prefer', 'require', 'verify-full']).default('prefer'),
  ca: text.optional(),
});

/**
 * Looks the values of an entry up, each time anew, so that a rotated password counts from then on.
 * @throws Failure SETUP_FAILED when a file or variable is missing or a value makes no sense
 */
export async function resolveEntry(
  name: string,
  { kind, values, tables }: ConnectionEntry,
  environment: Environment,
): Promise<ResolvedConnection> {
  const found: Record<string, string> = {};
  for (const [key, given] of values) found[key] = await lookUp(name, given, environment);
  const narrowed = tables === undefined ? {} : { tables };
  if (kind === 'url') return { ...fromUrl(name, found.url as string), ...narrowed };
  if (kind === 'sqlite') return { kind, path: found.path as string, ...narrowed };
  const parsed = serverSchema.safeParse(found);
  if (!parsed.success) {
    // Values may be passwords: only the places are named.
    const places = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw wrongSetup(`Connection ${shownName(name)} is wrong at ${places}`);
  }
  const { ca, port = kind === 'postgresql' ? 5432 : 3306, ...server } = parsed.data;
  const authority = ca === undefined ? {} : { certificateAuthority: ca };
  return { kind, port, ...server, ...authority, ...narrowed };
}

function fromUrl(name: string, url: string): Connection {
  try {
    return parseConnectionString(url);
  } catch (cause) {
    throw wrongSetup(`The address of connection ${shownName(name)} can’t be used`, cause);
  }
}

async function lookUp(name: string, { from, what }: Given, environment: Environment) {
  if (from === 'entry') return what;
  if (from === 'file') {
    return (
      await readFile(what, 'utf8').catch((cause: unknown) => {
        throw wrongSetup(`A file of connection ${shownName(name)} can’t be read`, cause);
      })
    ).trim();
  }
  const value = environment[what];
  if (value !== undefined) return value;
  throw wrongSetup(`The variable ${what} of connection ${shownName(name)} is not set`);
}

/** The failure for what only the operator can correct. @param message without its full stop */
export function wrongSetup(message: string, cause?: unknown): Failure {
  return new Failure('SETUP_FAILED', `${message}.`, 'The operator has to correct it.', { cause });
}
