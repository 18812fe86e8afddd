import { readFile } from 'node:fs/promises';

import { processTable } from '../../../local/process-table.ts';
import { ended, pause, startSome } from '../experiments.ts';
import { Violation } from '../violation.ts';
import type { Scenario } from '../scenario.ts';
import type { Stage } from '../stage.ts';

/** The server may hold so much memory, and the worker so much, with the processes that read for it. */
const MOST_BYTES = { server: 600e6, worker: 2e9 };

/** So many experiments asked for in the same moment; the server tells of its health all along. */
export const manyAtOnce = (count: number): Scenario => ({
  name: `${count}-at-once`,
  rounds: { test: 0, prove: 1 },
  async play({ stage, name, say }) {
    const watch = startWatching(stage);
    const started = await startSome(stage, name, count);
    for (const one of started) await ended(stage, one);
    say(await watch.stop());
    return started;
  },
});

/** Asks for health and looks at memory once a second. @throws Violation when either is out of bounds */
function startWatching(stage: Stage): { stop(): Promise<string> } {
  let over = false;
  const sick: string[] = [];
  const peak = { server: 0, worker: 0 };
  const look = async (): Promise<void> => {
    const health = await fetch(`${stage.url}/health`).then(
      (response) => response.status,
      () => 'no answer',
    );
    if (health !== 200) sick.push(String(health));
    for (const name of ['server', 'worker'] as const) {
      peak[name] = Math.max(peak[name], await memoryOfGroup(stage[name].pid));
    }
  };
  const watching = (async () => {
    while (!over) {
      await look();
      await pause(1000);
    }
  })();
  return {
    async stop() {
      over = true;
      await watching;
      const tooMuch = peak.server > MOST_BYTES.server || peak.worker > MOST_BYTES.worker;
      if (tooMuch || sick.length > 0) throw new Violation(JSON.stringify({ sick, peak }));
      const [server, worker] = [peak.server, peak.worker].map((bytes) => Math.round(bytes / 1e6));
      return `peak memory: server ${server} MB, worker with its readers ${worker} MB`;
    },
  };
}

/** Resident bytes of a process group. */
async function memoryOfGroup(group: number): Promise<number> {
  const members = (await processTable()).filter((entry) => entry.group === group);
  const sizes = members.map(async ({ pid }) => {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    return 1024 * Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
