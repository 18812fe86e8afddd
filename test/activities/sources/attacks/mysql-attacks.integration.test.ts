import { afterAll, describe, expect, it } from 'vitest';

import { mariadbServer } from '../servers.ts';
import { attackSuite } from './attack-suite.ts';
import { honestSuite } from './honest-queries.ts';
import { attack, MYSQL_LAYERS } from './mysql-attack.ts';
import { mysqlScene, TABLES } from './mysql-scene.ts';

const server = mariadbServer();
const scene = 'unavailable' in server ? undefined : await mysqlScene(server);
afterAll(() => scene?.close());

describe.skipIf(scene === undefined)('attacks on MariaDB', () => {
  if (!scene) return;
  attackSuite({
    ...scene,
    layers: MYSQL_LAYERS,
    attack: (sql, layers) => attack(sql, layers, scene),
  });

  it('leave the server as usable as it was', async () => {
    const { output } = await attack('SELECT SUM(amount) AS s FROM orders', 'GSTR', scene);
    expect(output).toBe('[{"s":"2205.00"}]');
  });
});

describe.skipIf(scene === undefined)('honest queries on MariaDB', async () => {
  if (scene) await honestSuite({ ...scene.reader, tables: TABLES });
});
