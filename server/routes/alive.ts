import type { Context } from 'hono';

/** GET /health/live: this process answers. It asks no neighbour: what a restart can’t mend must not lead to one. */
export function aliveRoute(c: Context): Response {
  return c.json({ status: 'alive' });
}
