import { randomUUID } from 'node:crypto';

import { expect, it } from 'vitest';

import { operationsEffort } from '../support/operations-effort.ts';
import { createDraws } from './draws.ts';
import { pause, startOne, type Started } from './experiments.ts';
import { openFleet, type Member } from './fleet.ts';
import { checkInvariants } from './invariants.ts';
import { KINDS, type Kind } from './requests.ts';
import { checkAuditLog, playCalm } from './scenario.ts';

// `npm run prove` has 500 experiments on two servers and four workers.
const [COUNT, WORKERS] = operationsEffort === 1 ? [10, 2] : [500, 4];

it(
  `ends ${COUNT} experiments once each, although a server and a worker are lost with their disks`,
  async () => {
    await using stack = new AsyncDisposableStack();
    const fleet = await openFleet({ servers: 2, workers: WORKERS });
    stack.defer(() => fleet.close());
    const calm = await playCalm(fleet);
    const draws = createDraws(operationsEffort);
    const name = `fleet-${randomUUID()}`;
    const startAll = async (): Promise<Started[]> =>
      Promise.all(
        Array.from({ length: COUNT }, async (_, i) => {
          // As they come to a fleet: some every second.
          await pause(draws.below(40 * COUNT));
          return startOne(fleet, name, KINDS[i % KINDS.length] as Kind);
        }),
      );
    const lose = async (): Promise<void> => {
      await pause(10 * COUNT + draws.below(20 * COUNT));
      await Promise.all([
        draws.pick(fleet.workers as [Member, ...Member[]]).lose(),
        fleet.servers[0]?.lose(),
      ]);
    };
    const [started] = await Promise.all([startAll(), lose()]);
    await checkInvariants(fleet, calm, started);
    const took = new Set(
      fleet.workers.filter(({ process }) => process.said().includes('attempt completed')),
    );
    expect(took.size).toBe(WORKERS);
    await checkAuditLog(fleet);
  },
  operationsEffort === 1 ? 180_000 : 30 * 60_000,
);
