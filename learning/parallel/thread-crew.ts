import { Worker } from 'node:worker_threads';

import type { Crew, Work } from './crew.ts';
import { createTickets, createTicketNumbers, MOST_PARTS, partOf, roundOf } from './tickets.ts';
import type { Tickets } from './tickets.ts';

/** What a thread of the crew is started with. */
export interface CrewAssignment {
  /** The same numbers for all threads of the crew. */
  readonly numbers: Int32Array;
  /** Module that exports `createWork(problem): Work`. */
  readonly module: string;
  readonly problem: unknown;
}

/** Takes and performs parts of the open round until none is left; returns how many it did. */
export function performParts(work: Work, tickets: Tickets): number {
  const partsOf = (round: number): number => work.phases[round % work.phases.length]!;
  for (let performed = 0; ; performed++) {
    const ticket = tickets.take(partsOf);
    if (ticket === -1) return performed;
    work.perform(roundOf(ticket) % work.phases.length, partOf(ticket));
    tickets.done();
  }
}

/**
 * A crew of this thread and `threads - 1` others. The others join when they are up: until then this
 * one does the parts, as there is nothing to wait for. Phases must be run in their order.
 * @param problem what `createWork` of the module makes the work from; its arrays in shared memory
 */
export function threadCrew(
  work: Work,
  { threads, module, problem }: { threads: number; module: URL; problem: unknown },
): Crew {
  if (Math.max(...work.phases) > MOST_PARTS) throw new RangeError('too many parts');
  const numbers = createTicketNumbers();
  const tickets = createTickets(numbers);
  const assignment: CrewAssignment = { numbers, module: module.href, problem };
  for (let i = 1; i < threads; i++) {
    const thread = new Worker(new URL('crew-thread.ts', import.meta.url), {
      workerData: assignment,
      env: {},
      execArgv: [],
    });
    thread.unref();
    // A thread that does not start is missed by nobody; one that fails at a part has said so.
    thread.on('error', () => undefined);
  }
  let round = 0;
  let parts = 0;
  return {
    run(phase) {
      if (phase !== round % work.phases.length) throw new RangeError('phases come in their order');
      tickets.open(round++);
      performParts(work, tickets);
      parts += work.phases[phase]!;
      tickets.waitForDone(parts);
    },
    dismiss: () => tickets.close(),
    helperSeconds: () => tickets.spent() / 1000,
  };
}
