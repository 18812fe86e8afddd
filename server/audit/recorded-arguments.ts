import { hash } from 'node:crypto';

import { displayOf, isConnectionString } from '../../platform/connections/connection-string.ts';
import type { Source } from '../../schemas/source.ts';
import { inlineBytes } from '../experiments/inline-bytes.ts';

type Arguments = Readonly<Record<string, unknown>>;

/** Arguments as they lie beside the log. */
export interface RecordedArguments {
  readonly value: unknown;
  /** Length as JSON, with what is left out. */
  readonly bytes: number;
}

const MOST_FIELDS = 50;
const LONGEST_FIELD = 100;
const UNREADABLE = '(unreadable)';

/** Arguments that a schema has let through, without rows and without secrets. */
export function redacted({ source, tracking_uri: uri, ...rest }: Arguments): RecordedArguments {
  const shown = source === undefined ? undefined : shownSource(source as Source);
  const value = {
    ...rest,
    ...(shown && { source: shown.value }),
    ...(typeof uri === 'string' && { tracking_uri: withoutCredentials(uri) }),
  };
  return { value, bytes: bytesOf(value) + (shown?.leftOut ?? 0) };
}

/** Of arguments that no schema has let through only the names: anything may stand anywhere. */
export function namesOnly(args: unknown): RecordedArguments {
  const fields = typeof args === 'object' && args !== null ? Object.keys(args) : [];
  const names = fields.slice(0, MOST_FIELDS).map((name) => name.slice(0, LONGEST_FIELD));
  return { value: { fields: names }, bytes: bytesOf(args) };
}

function shownSource(source: Source): { readonly value: object; readonly leftOut: number } {
  switch (source.kind) {
    case 'file':
      return { value: source, leftOut: 0 };
    case 'sql':
      return { value: { ...source, conn: shownConnection(source.conn) }, leftOut: 0 };
    case 'inline': {
      const bytes = inlineBytes(source.records);
      const records = { count: source.records.length, sha256: hash('sha256', bytes) };
      return { value: { ...source, records }, leftOut: bytes.byteLength };
    }
  }
}

function shownConnection(conn: string): string {
  if (!isConnectionString(conn)) return conn;
  try {
    return displayOf(conn);
  } catch {
    return UNREADABLE;
  }
}

/** Its query may hold a token, too. */
function withoutCredentials(uri: string): string {
  const address = URL.parse(uri);
  return address ? `${address.protocol}//${address.host}${address.pathname}` : UNREADABLE;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value) ?? '');
}
