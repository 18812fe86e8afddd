import { afterAll, describe, expect, it } from 'vitest';

import { startPostgres } from '../../../support/postgres.ts';
import { attackSuite } from './attack-suite.ts';
import { honestSuite } from './honest-queries.ts';
import { attack, POSTGRES_LAYERS } from './postgres-attack.ts';
import { CANARY, postgresScene, TABLES } from './postgres-scene.ts';

// A server of its own: what an attack could change is the whole of it.
const server = await startPostgres();
const scene = await postgresScene(server.connection);
afterAll(async () => {
  await scene.close();
  await server.stop();
});

describe('attacks on PostgreSQL', () => {
  attackSuite({
    ...scene,
    layers: POSTGRES_LAYERS,
    attack: (sql, layers) => attack(sql, layers, scene),
  });

  it('find no text that ends elsewhere where the role lets a backslash escape', async () => {
    const { output: seen } = await attack(
      `ALTER ROLE ${scene.owner.user} SET standard_conforming_strings = off`,
      '',
      scene,
    );
    expect(seen).toBe('');
    const { output, error } = await attack(
      "SELECT '\\' AS a, ' AS b, (SELECT name FROM secret LIMIT 1) AS c FROM orders -- ' AS d FROM orders",
      'GST',
      scene,
    );
    await attack(`ALTER ROLE ${scene.owner.user} RESET standard_conforming_strings`, '', scene);
    expect(error).toBeUndefined();
    expect(output).toContain('SELECT name FROM secret');
    expect(output).not.toContain(CANARY);
  });

  it('leave the server as usable as it was', async () => {
    const { output } = await attack('SELECT sum(amount) FROM orders', 'GSTR', scene);
    expect(output).toBe('2205.00\n');
  });
});

describe('honest queries on PostgreSQL', async () => {
  await honestSuite({ ...scene.reader, tables: TABLES });
});
