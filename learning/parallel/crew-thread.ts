/** A thread of a crew: performs parts until it is dismissed. */
import { workerData } from 'node:worker_threads';

import type { Work } from './crew.ts';
import { performParts, type CrewAssignment } from './thread-crew.ts';
import { createTickets } from './tickets.ts';

const { numbers, module, problem } = workerData as CrewAssignment;
const { createWork } = (await import(module)) as { createWork: (problem: unknown) => Work };
const work = createWork(problem);
const tickets = createTickets(numbers);
const partsOf = (round: number): number => work.phases[round % work.phases.length]!;
try {
  let told = 0;
  while (tickets.waitForWork(partsOf)) {
    if (performParts(work, tickets) === 0) continue;
    const { user, system } = process.threadCpuUsage();
    const used = Math.floor((user + system) / 1000);
    tickets.spend(used - told);
    told = used;
  }
} catch (error) {
  tickets.fail();
  throw error;
}
