import { afterAll, describe, expect, it } from 'vitest';

import { postgresServer } from '../servers.ts';
import { attackSuite } from './attack-suite.ts';
import { honestSuite } from './honest-queries.ts';
import { attack, POSTGRES_LAYERS } from './postgres-attack.ts';
import { postgresScene, TABLES } from './postgres-scene.ts';

const scene = await postgresScene(postgresServer());
afterAll(() => scene.close());

describe('attacks on PostgreSQL', () => {
  attackSuite({
    ...scene,
    layers: POSTGRES_LAYERS,
    attack: (sql, layers) => attack(sql, layers, scene),
  });

  it('leave the server as usable as it was', async () => {
    const { output } = await attack('SELECT sum(amount) FROM orders', 'GSTR', scene);
    expect(output).toBe('2205.00\n');
  });
});

describe('honest queries on PostgreSQL', async () => {
  await honestSuite({ ...scene.reader, tables: TABLES });
});
