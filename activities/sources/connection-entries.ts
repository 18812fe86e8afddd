import { z } from 'zod';

import { CONNECTION_NAME } from '../../platform/connections/connection-string.ts';
import { tenantSchema } from '../../schemas/caller.ts';

/** Where a value is found: in the entry, or where `passwordEnv` or `passwordFile` point to. */
export interface Given {
  readonly from: 'entry' | 'variable' | 'file';
  /** The value itself, the name of the variable, or the path of the file. */
  readonly what: string;
}

/** One connection of CONNECTIONS_FILE, its values not looked up yet. */
export interface ConnectionEntry {
  readonly kind: 'url' | 'sqlite' | 'postgresql' | 'mysql';
  readonly values: ReadonlyMap<string, Given>;
  /** Who may use it; everybody when undefined. */
  readonly tenants: readonly string[] | undefined;
  /** The only tables that queries may name; all when undefined. */
  readonly tables: readonly string[] | undefined;
}

/** The values that an entry of a kind must have, and may have; `ca` is an authority for the certificate, in PEM. */
const FIELDS: Readonly<Record<ConnectionEntry['kind'], { needed: string[]; optional: string[] }>> =
  {
    url: { needed: ['url'], optional: [] },
    sqlite: { needed: ['path'], optional: [] },
    postgresql: {
      needed: ['host', 'database', 'user'],
      optional: ['port', 'password', 'tls', 'ca'],
    },
    mysql: { needed: ['host', 'database', 'user'], optional: ['port', 'password', 'tls', 'ca'] },
  };

const text = z.string().min(1);
const entrySchema = z
  .object({
    kind: z.enum(['sqlite', 'postgresql', 'mysql']).optional(),
    tenants: z.array(tenantSchema).optional(),
    tables: z.array(text).min(1).optional(),
  })
  .catchall(z.union([text, z.number()]))
  .transform(({ kind: given, tenants, tables, ...rest }, context): ConnectionEntry => {
    const kind = given ?? 'url';
    const values = new Map<string, Given>();
    for (const [key, value] of Object.entries(rest)) {
      const [name, from] = placeOf(key);
      const fields: readonly string[] = [...FIELDS[kind].needed, ...FIELDS[kind].optional];
      if (!fields.includes(name) || values.has(name))
        context.addIssue({ code: 'custom', path: [key] });
      values.set(name, { from, what: String(value) });
    }
    for (const name of FIELDS[kind].needed) {
      if (!values.has(name)) context.addIssue({ code: 'custom', path: [name] });
    }
    return { kind, values, tenants, tables };
  });

function placeOf(key: string): [name: string, from: Given['from']] {
  const [, name, place] = /^([a-z]+)(Env|File)?$/.exec(key) ?? [];
  if (name === undefined) return [key, 'entry'];
  return [name, place === undefined ? 'entry' : place === 'Env' ? 'variable' : 'file'];
}

/** CONNECTIONS_FILE: a JSON object of names, each with its entry. */
export const connectionsFileSchema = z.record(
  z.string().regex(CONNECTION_NAME, 'has letters, digits, dots, dashes and underscores'),
  entrySchema,
);
