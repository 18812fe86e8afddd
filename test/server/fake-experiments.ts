import { pino } from 'pino';

import type { Experiments } from '../../server/experiments/experiments.ts';
import { createApp } from '../../server/app.ts';
import { createCallTool } from '../../server/tools/call-tool.ts';
import { TOOLS } from '../../server/tools/index.ts';
import { RunFailedError } from '../../server/tools/tool.ts';
import { Failure } from '../../schemas/failure.ts';
import type { RunExperimentRequest } from '../../schemas/request.ts';

/** The doors with nothing behind them: what is started is only remembered. */
export function createDoors(overrides: Partial<Experiments> = {}) {
  const started: RunExperimentRequest[] = [];
  const waits: number[] = [];
  const callers: string[] = [];
  const experiments: Experiments = {
    start: async (request, caller) => {
      started.push(request);
      callers.push(caller);
      return 'experiment-1';
    },
    wait: async (workflowId, options) => {
      waits.push(options.seconds);
      options.onProgress?.({ progress: 1, total: 8, message: 'train: iteration 3' });
      return {
        run_id: 'r1',
        experiment_id: '7',
        status: 'FINISHED',
        metrics: { accuracy: 0.925 },
        workflow_id: workflowId,
        warnings: [],
        links: { mlflow: null, temporal: 'http://ui/x' },
      };
    },
    inspect: async () => {
      throw new Failure('STEP_TIMEOUT', 'No worker has answered.', 'Start one.');
    },
    get: async () => {
      throw new Failure('RUN_NOT_FOUND', 'There is no run of that id.', 'Use another.');
    },
    follow: async () => {
      throw new Failure('RUN_NOT_FOUND', 'There is no run of that id.', 'Use another.');
    },
    reportFile: async () => {
      throw new Failure('RUN_NOT_FOUND', 'There is no run of that id.', 'Use another.');
    },
    audit: async () => {
      throw new Failure('RUN_NOT_FOUND', 'There is no run of that id.', 'Use another.');
    },
    list: async () => ({ runs: [], next_cursor: null, truncated: false }),
    compare: async () => {
      throw new Failure('RUN_NOT_FOUND', 'There are no such runs.', 'Use others.');
    },
    retry: async () => ({ workflowId: 'experiment-1', step: 'train', repeated: false }),
    cancel: async () => ({ workflowId: 'experiment-1', asked: true }),
    ...overrides,
  };
  const logger = pino({ level: 'silent' });
  const experimentsOf = () => experiments;
  const options = {
    tools: TOOLS,
    callTool: createCallTool({ tools: TOOLS, experimentsOf, logger }),
    experimentsOf,
    nameStyle: 'underscore' as const,
    defaultWaitSeconds: 30,
    neighbours: [{ name: 'temporal', check: async () => undefined }],
    maxBodyBytes: 100_000,
    allowedHosts: ['experiments.example'],
    logger,
  };
  return { app: createApp(options), options, started, waits, callers };
}

export const failedRun = new RunFailedError(
  new Failure('ONE_CLASS', 'The target has one class.', 'Choose another target.'),
  { step: 'load', runId: 'r2', workflowId: 'experiment-2' },
);

export const fileRequest = {
  experiment_name: 'demo',
  source: { kind: 'file', path: 'train.csv', features: ['f1'], target: 'label' },
};
