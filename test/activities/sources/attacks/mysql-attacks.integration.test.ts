import { afterAll, describe, expect, it } from 'vitest';

import { inReadOnlyTransaction } from '../../../../activities/sources/sql/mysql/mysql-session.ts';
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

  it('are read in the characters that they were checked in', async () => {
    const target = { address: scene.reader.host, signal: new AbortController().signal };
    const characters = await inReadOnlyTransaction(
      { ...target, connection: scene.reader, timeoutSeconds: 5 },
      async (session) => {
        const [rows] = await session
          .promise()
          .query("SHOW SESSION VARIABLES LIKE 'character_set_client'");
        return rows;
      },
    );
    expect(characters).toEqual([{ Variable_name: 'character_set_client', Value: 'utf8mb4' }]);
  });

  it('leave the server as usable as it was', async () => {
    const { output } = await attack('SELECT SUM(amount) AS s FROM orders', 'GSTR', scene);
    expect(output).toBe('[{"s":"2205.00"}]');
  });
});

describe.skipIf(scene === undefined)('honest queries on MariaDB', async () => {
  if (scene) await honestSuite({ ...scene.reader, tables: TABLES });
});
