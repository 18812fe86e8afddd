// npm run prove: breaks things for as long as it takes to believe in what npm test shows in short.
//   npm run prove -- [--seeds N] [--first SEED] [scenario …]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { checkAuditLog, checkSecrets, playCalm, playRound } from '../test/faults/scenario.ts';
import { scenarios } from '../test/faults/scenarios/index.ts';
import type { Scenario } from '../test/faults/scenario.ts';
import { openStage, type Stage } from '../test/faults/stage.ts';
import type { Calm } from '../test/faults/invariants.ts';
import { testPython } from '../test/support/test-environment.ts';
import { keepRows } from './keep-rows.ts';
import { suites, type Suite } from './prove-suites.ts';
import { PROVE } from './results.ts';

/** The longest that a round may take, in milliseconds. */
const PATIENCE = 30 * 60_000;
const LOGS = fileURLToPath(new URL('../.state/prove/', import.meta.url));

const all = scenarios('prove');
const names = [...suites, ...all].map(({ name }) => name);
const { values, positionals } = parseArgs({
  options: { seeds: { type: 'string' }, first: { type: 'string', default: '0' } },
  allowPositionals: true,
});
const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
const first = Number(values.first);
const known = positionals.every((name) => names.includes(name));
if (!known || !isCount(seeds ?? 1) || !isCount(first + 1)) {
  console.error(`npm run prove -- [--seeds N] [--first SEED] [${names.join(' | ')} …]`);
  process.exit(2);
}

const wanted = (name: string): boolean => positionals.length === 0 || positionals.includes(name);
const say = (line: string): void =>
  console.log(`${new Date().toISOString().slice(11, 19)} ${line}`);
let stage: Stage | undefined;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  // Watchdogs end whatever was started.
  process.on(name, () => process.exit(130));
}
try {
  for (const suite of suites) if (wanted(suite.name)) await proveSuite(suite);
  const chosen = all.filter(({ name }) => wanted(name));
  if (chosen.length > 0) {
    stage = await openStage(await testPython());
    const calm = await playCalm(stage);
    for (const scenario of chosen) await prove(stage, calm, scenario);
    await checkSecrets(stage);
    say('the password stands nowhere');
    await checkAuditLog(stage);
    say('the audit log verifies');
  }
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await stage?.close();
}
process.exit();

async function keepLog(stage: Stage, name: string): Promise<string> {
  await mkdir(LOGS, { recursive: true });
  const path = `${LOGS}${name}.log`;
  await writeFile(path, stage.said());
  return path;
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value > 0;
}

async function prove(stage: Stage, calm: Calm, scenario: Scenario): Promise<void> {
  const { name, rounds } = scenario;
  const count = rounds.prove === 1 ? 1 : (seeds ?? rounds.prove);
  const remarks: string[] = [];
  let right = 0;
  const startedAt = performance.now();
  for (let seed = first; seed < first + count; seed++) {
    const before = performance.now();
    const seconds = (): string => `${((performance.now() - before) / 1000).toFixed(1)} s`;
    try {
      await within(playRound(stage, calm, scenario, seed, (remark) => remarks.push(remark)));
      right += 1;
      say(`${name}, seed ${seed}: right, ${seconds()}`);
    } catch (error) {
      process.exitCode = 1;
      say(`${name}, seed ${seed}: WRONG, ${seconds()}: ${String(error)}`);
      say(`what its processes said: ${await keepLog(stage, `${name}-${seed}`)}`);
    }
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  await keepRows(PROVE, [
    { what: name, rounds: count, right, seconds, remarks: remarks.join('; ') },
  ]);
}

async function within(round: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it takes too long')), PATIENCE);
  });
  await Promise.race([round, late]).finally(() => clearTimeout(timer));
}

async function proveSuite({ name, remarks, tests, environment }: Suite): Promise<void> {
  const startedAt = performance.now();
  const vitest = spawn('npx', ['vitest', 'run', ...tests], {
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  const [code] = (await once(vitest, 'exit')) as [number | null];
  if (code !== 0) process.exitCode = 1;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  const right = code === 0 ? 1 : 0;
  await keepRows(PROVE, [{ what: name, rounds: 1, right, seconds, remarks }]);
}
