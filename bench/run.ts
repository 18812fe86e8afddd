// npm run bench: measures the product against its peers, prints the table, and keeps it in RESULTS.md.
//   npm run bench -- [group …] [--rounds N]
import { parseArgs } from 'node:util';

import { measureAuditCost } from './audit-cost.ts';
import { createBench, type Bench } from './bench.ts';
import { measureBigFile } from './big-file.ts';
import { measureExperiments } from './experiments.ts';
import { measureFit } from './fit.ts';
import { measureGarbage } from './garbage.ts';
import { measureGetRun } from './get-run.ts';
import { measureLatency } from './latency.ts';
import { formatted, keepRows } from './keep-rows.ts';
import { measureLoad } from './load.ts';
import { measurePeers } from './peers.ts';
import { BENCH, measuredTable, type Row } from './results.ts';
import { measureProcesses } from './processes.ts';
import { measureReuse } from './reuse.ts';
import { measureScaling } from './scaling.ts';
import { measureSizing } from './sizing.ts';
import { measureText } from './text.ts';
import { measureThroughput } from './throughput.ts';
import { measureTracingCost } from './tracing-cost.ts';
import { measureVerifyAudit } from './verify-audit.ts';
import { measureWaitingClients } from './waiting-clients.ts';

const GROUPS: Readonly<Record<string, (bench: Bench) => Promise<Row[]>>> = {
  latency: measureLatency,
  'get-run': measureGetRun,
  waiting: measureWaitingClients,
  garbage: measureGarbage,
  throughput: measureThroughput,
  audit: measureAuditCost,
  tracing: measureTracingCost,
  processes: measureProcesses,
  scaling: measureScaling,
  sizing: measureSizing,
  reuse: measureReuse,
  fit: measureFit,
  text: measureText,
  load: measureLoad,
  experiments: measureExperiments,
  'verify-audit': measureVerifyAudit,
  big: measureBigFile,
  peers: measurePeers,
};

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !(name in GROUPS));
const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
if (unknown.length > 0 || (rounds !== undefined && !(Number.isInteger(rounds) && rounds > 0))) {
  console.error(`npm run bench -- [${Object.keys(GROUPS).join(' | ')} …] [--rounds N]`);
  process.exit(2);
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stop.abort());
const stopped = new Promise<never>((_, reject) => {
  stop.signal.addEventListener('abort', () => reject(new Error('Stopped.')), { once: true });
});

const startedAt = performance.now();
const say = (line: string): void => {
  console.log(`[${((performance.now() - startedAt) / 1000).toFixed(0).padStart(4)} s] ${line}`);
};
const rows: Row[] = [];
const stack = new AsyncDisposableStack();
try {
  await Promise.race([measure(), stopped]);
} catch (error) {
  console.error(stop.signal.aborted ? 'Stopping …' : error);
  process.exitCode = stop.signal.aborted ? 130 : 1;
} finally {
  await stack.disposeAsync();
}
if (rows.length > 0) console.log(`\n${await formatted(measuredTable(rows))}`);
process.exit();

async function measure(): Promise<void> {
  const bench = await createBench({ rounds, signal: stop.signal, say, stack });
  const wanted = positionals.length > 0 ? positionals : Object.keys(GROUPS);
  for (const name of wanted) {
    say(name);
    const measured = (await GROUPS[name]?.(bench)) ?? [];
    rows.push(...measured);
    // What is measured stays, whatever happens to the next group.
    await keepRows(BENCH, measured);
  }
}
