import { watchMemory } from './memory.ts';
import type { Bench } from './bench.ts';
import { judged, type Row } from './results.ts';
import { openField, untilEnd, type Field } from './scaling-field.ts';
import { spread } from './side-by-side.ts';
import { startProductProcess } from '../test/support/product-process.ts';

const IDLE_SECONDS = 20;
const MOST_SERVER_BYTES = 220e6;
const MOST_START_SECONDS = 3;

/** What server and worker hold in memory, and how soon a worker is there. */
export async function measureProcesses(bench: Bench): Promise<Row[]> {
  await using stack = new AsyncDisposableStack();
  const field = await openField(bench, stack, { worker: 'all' });
  const [server, worker] = [field.server.pid, field.worker.pid];
  await new Promise((resolve) => setTimeout(resolve, 1000 * IDLE_SECONDS));
  const idle = [server, worker].map((pid) => watchMemory(pid)().bytes);
  const [serverBytes = NaN, workerBytes = NaN] = idle;
  bench.say(`idle: server ${megabytes(serverBytes)}, worker ${megabytes(workerBytes)}`);
  await bench.data('rows-1m.csv');
  const peak = watchMemory(worker);
  const ids = await field.start(1, {
    source: { kind: 'file', path: 'rows-1m.csv', target: 'label' },
  });
  await untilEnd(field, ids);
  const busy = peak().bytes;
  return [
    memoryRow('server, idle', serverBytes, MOST_SERVER_BYTES),
    memoryRow('worker, idle, with a reader in reserve', workerBytes),
    memoryRow('worker with its readers, training 1 000 000 x 20 from CSV', busy),
    await coldStart(bench, field),
  ];
}

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;

function memoryRow(what: string, bytes: number, bar?: number): Row {
  return {
    ...{ what: `resident memory: ${what}`, rounds: 1, ours: megabytes(bytes), other: '' },
    ...{ ratio: '', bar: bar === undefined ? '' : megabytes(bar) },
    met: bar === undefined ? '' : bytes < bar ? 'yes' : 'no',
  };
}

/** From the start of a process to its first poll, with the workflows bundled before. */
async function coldStart(bench: Bench, field: Field): Promise<Row> {
  const taken: number[] = [];
  for (let round = 0; round < bench.rounds(5); round++) {
    const startedAt = performance.now();
    const worker = await startProductProcess('worker', field.settings);
    taken.push((performance.now() - startedAt) / 1000);
    await worker.stop();
  }
  const { median, least, most } = spread(taken);
  return {
    ...{ what: 'start of a worker with the prebuilt bundle', rounds: taken.length, other: '' },
    ours: `${median.toFixed(2)} s (${least.toFixed(2)} to ${most.toFixed(2)})`,
    ...judged(median / MOST_START_SECONDS, 1),
    ratio: '',
    bar: `${MOST_START_SECONDS} s`,
  };
}
