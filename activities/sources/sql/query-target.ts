import type { ServerConnection } from '../../../platform/connections/connection-string.ts';

export const CONNECT_MILLISECONDS = 5_000;
/** How much longer than the server's own time limit we wait before we end a query from here. */
export const GRACE_SECONDS = 5;

/** A database server to run one query on, and for how long. */
export interface QueryTarget {
  readonly connection: ServerConnection & { readonly certificateAuthority?: string };
  /** Where to connect: the host, or the address that was checked for it. */
  readonly address: string;
  readonly signal: AbortSignal;
  readonly timeoutSeconds: number;
}
