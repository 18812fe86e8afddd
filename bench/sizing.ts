import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { processTable } from '../local/process-table.ts';
import { filesUnder } from '../test/faults/files.ts';
import type { Bench } from './bench.ts';
import type { Row } from './results.ts';
import { openField, untilEnd, type Field } from './scaling-field.ts';

/** Experiments before those that count, and those that count. */
const WARM = 20;
const COUNTED = 200;
/** The kernel counts a process's time in hundredths of a second. */
const TICKS_PER_SECOND = 100;

/** By folder of STATE_DIR. */
const PLACES = {
  temporal: 'Temporal’s database',
  mlflow: 'MLflow’s database and artifacts',
  blobs: 'blobs',
  audit: 'audit log with its checkpoints',
};

/** What one experiment of 400 rows takes of processors and disks, for the arithmetic of docs/operations.md. */
export async function measureSizing(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const field = await openField(bench, stack, { worker: 'all' });
  const secondsOf = async (count: number): Promise<number> => {
    const startedAt = performance.now();
    await untilEnd(field, await field.start(count));
    return (performance.now() - startedAt) / 1000;
  };
  await secondsOf(WARM);
  const before = [await cpuSeconds(field), await bytes(field)] as const;
  const seconds = await secondsOf(COUNTED);
  const after = [await cpuSeconds(field), await bytes(field)] as const;
  const [cpu, disk] = after.map((values, i) =>
    [...values].map(([name, value]) => [name, value - (before[i]?.get(name) ?? 0)] as const),
  ) as [[string, number][], [string, number][]];
  return [
    row('a second, 200 asked for at once', (COUNTED / seconds).toFixed(1)),
    ...cpu.map(([name, value]) =>
      row(`processor time of ${name}`, `${Math.round((1000 * value) / COUNTED)} ms`),
    ),
    ...disk.map(([name, value]) =>
      row(`bytes in ${name}`, `${Math.round(value / COUNTED / 1000)} kB`),
    ),
  ];
}

function row(what: string, ours: string): Row {
  return {
    ...{ what: `experiment of 400 x 3: ${what}`, rounds: COUNTED, ours },
    ...{ other: '', ratio: '', bar: '', met: '' },
  };
}

/** By program, with the children that it has waited for. */
async function cpuSeconds({ server, worker, stateDir }: Field): Promise<Map<string, number>> {
  const table = await processTable();
  const groupOf = (folder: string) =>
    table.find(({ command }) => command.includes(join(stateDir, folder)))?.group;
  const groups = {
    ...{ server: server.pid, worker: worker.pid },
    ...{ Temporal: groupOf('temporal'), MLflow: groupOf('mlflow') },
  };
  const sums = Object.entries(groups).map(async ([name, group]) => {
    let ticks = 0;
    for (const member of table) {
      if (member.group !== group) continue;
      const text = await readFile(`/proc/${member.pid}/stat`, 'utf8').catch(() => '');
      // utime, stime, cutime and cstime of proc(5), counted behind the name in brackets.
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      ticks += fields.slice(11, 15).reduce((sum, value) => sum + Number(value), 0);
    }
    return [name, ticks / TICKS_PER_SECOND] as const;
  });
  return new Map(await Promise.all(sums));
}

/** By place, without SQLite's journals, which do not grow. */
async function bytes({ stateDir }: Field): Promise<Map<string, number>> {
  const sums = Object.entries(PLACES).map(async ([folder, name]) => {
    let sum = 0;
    for (const path of await filesUnder(join(stateDir, folder))) {
      if (/-(wal|shm)$/.test(path)) continue;
      if (path.endsWith('.db')) {
        const database = new DatabaseSync(path);
        database.exec('pragma wal_checkpoint(passive)');
        database.close();
      }
      sum += (await stat(path).catch(() => ({ size: 0 }))).size;
    }
    return [name, sum] as const;
  });
  return new Map(await Promise.all(sums));
}
