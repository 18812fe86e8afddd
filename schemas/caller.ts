import { z } from 'zod';

/** What a caller may do; server/access/rules.ts says which tool asks for which. */
export const SCOPES = [
  'experiments:run',
  'runs:read',
  'runs:control',
  'audit:read',
  'metrics:read',
] as const;
export const scopeSchema = z.enum(SCOPES);
export type Scope = z.infer<typeof scopeSchema>;

/** Owner of what a server without tenants holds. */
export const DEFAULT_TENANT = 'default';

/** No dot and no tilde: they stand between a tenant's name and an id or a name of its own. */
export const tenantSchema = z
  .string()
  .regex(
    /^[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?$/,
    'has up to 40 small letters, digits, dashes and underscores, a letter or digit at both ends',
  );

/** Who calls: found out by the door, from a key, a token or the environment. */
export interface Caller {
  /** Whose experiments, runs, blobs, connections and folders are seen. */
  readonly tenant: string;
  /** The key’s name, the token’s subject, or the client’s own name on a server that is open to all. */
  readonly subject: string;
  readonly scopes: readonly Scope[];
}

/** A caller of a server that asks nobody who they are. */
export function openCaller(subject: string): Caller {
  return { tenant: DEFAULT_TENANT, subject, scopes: SCOPES };
}

/** The tenant that a workflow’s id names; undefined for the default one’s, which name none. */
export function tenantInWorkflowId(id: string): string | undefined {
  return /^experiment-([^.]+)\./.exec(id)?.[1];
}

/** The tenant of a workflow, and the chain of its events. */
export function tenantOfWorkflow(id: string): string {
  return tenantInWorkflowId(id) ?? DEFAULT_TENANT;
}
