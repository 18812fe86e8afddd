import { afterAll, beforeAll, describe, it } from 'vitest';

import { testPython } from '../support/test-environment.ts';
import type { Calm } from './invariants.ts';
import { checkAuditLog, checkSecrets, playCalm, playRound } from './scenario.ts';
import { scenarios } from './scenarios/index.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
let calm: Calm;
beforeAll(async () => {
  stage = await openStage(await testPython());
  calm = await playCalm(stage);
});
afterAll(() => stage.close());

const rounds = scenarios('test').flatMap((scenario) =>
  Array.from(
    { length: scenario.rounds.test },
    (_, seed) => [`${scenario.name}, seed ${seed}`, scenario, seed] as const,
  ),
);

// `npm run prove` has many more rounds of each.
describe('every experiment ends once, with the same numbers', { timeout: 180_000 }, () => {
  it.each(rounds)('%s', (_, scenario, seed) => playRound(stage, calm, scenario, seed));

  it('and the password that some of them were given stands nowhere', () => checkSecrets(stage));

  it('and the audit log verifies', () => checkAuditLog(stage));
});
