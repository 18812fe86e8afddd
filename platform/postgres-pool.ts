import pg from 'pg';

/** Connections of which one may break at any time, idle or in use: what is asked then fails, and the process goes on. */
export function openPostgresPool(options: pg.PoolConfig): pg.Pool {
  const pool = new pg.Pool({ keepAlive: true, ...options });
  // An idle one is replaced by the next query.
  pool.on('error', () => undefined);
  // One that is in use fails its next query; unheard, its error would end the process.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
