// Scripted agents that behave as bad clients do, against the real service over real MCP.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';

import { createMlflowClient } from '../../platform/tracking/mlflow-client.ts';
import { startTestService, type TestService } from '../support/test-service.ts';
import { connectAgent, type Agent, type Bill } from './agent.ts';
import { LONG_TEXTS, longTexts } from './requests.ts';
import { scorecard, type Score } from './scorecard.ts';
import type { Stage } from './task.ts';
import { SECONDS } from './tasks/following.ts';
import { TASKS } from './tasks/index.ts';

const mlflow = createMlflowClient({ url: inject('mlflow') });
const scores: Score[] = [];
let service: TestService;
beforeAll(async () => {
  // Its trainings go on until they are ended: they leave a core to the other tests.
  service = await startTestService({ TRAIN_THREADS: '1' });
  await writeFile(join(service.data, LONG_TEXTS), longTexts(SECONDS));
});
afterAll(async () => {
  await service.stop();
  console.log(scorecard(scores));
});

describe('a scripted agent', () => {
  it.each(TASKS.map((task) => [task.name, task] as const))(
    '%s',
    async (name, task) => {
      const experiment = `eval ${randomUUID()}`;
      const agents: Agent[] = [];
      const bill: Bill = { calls: 0, text: 0, structured: 0, largest: 0 };
      const runs = async (): Promise<string[]> => {
        const known = await mlflow.experiments.byName(experiment);
        if (!known) return [];
        const experimentIds = [known.experimentId];
        const found = await mlflow.searchRuns({ experimentIds, maxResults: 100 });
        return found.runs.map(({ runId }) => runId);
      };
      const stage: Stage = {
        ...{ service, mlflow, experiment, bill, runs },
        async connect(era = '2026-07-28') {
          const agent = await connectAgent(service.url, era, bill);
          agents.push(agent);
          return agent;
        },
        async executions(workflowId) {
          const { count } = await service.temporal.workflow.count(`WorkflowId = "${workflowId}"`);
          return count;
        },
      };
      try {
        await task.play(stage);
        expect(bill.largest).toBeLessThan(1000);
      } finally {
        scores.push({ task: name, ...bill, runs: (await runs()).length });
        await Promise.all(agents.map((agent) => agent.close()));
      }
    },
    1000 * Math.max(60, ...TASKS.map(({ seconds = 0 }) => seconds)),
  );
});
