import type { Row } from '../panels.ts';
import { HERE, quantile, rate } from '../queries.ts';

const FAILED = `${HERE}, outcome="failed"`;

/** How long experiments and their steps take, and what they fail with. */
export const EXPERIMENTS: readonly Row[] = [
  {
    title: 'Durations',
    panels: [
      {
        ...{ title: 'Experiment', unit: 's' },
        about: 'From start to end, waiting included.',
        queries: [0.5, 0.95].map((q) => ({
          expr: quantile(q, 'mlflow_experiment_duration_seconds'),
          legend: `p${q * 100}`,
        })),
      },
      {
        ...{ title: 'Steps, median', unit: 's' },
        about: 'Half of a step’s attempts take less.',
        queries: [
          {
            expr: quantile(0.5, 'durable_experiments_step_duration_seconds', 'step'),
            legend: '{{step}}',
          },
        ],
      },
      {
        ...{ title: 'Steps, 95 of 100', unit: 's' },
        about: 'One attempt in twenty takes longer.',
        queries: [
          {
            expr: quantile(0.95, 'durable_experiments_step_duration_seconds', 'step'),
            legend: '{{step}}',
          },
        ],
      },
      {
        ...{ title: 'Tool calls, 95 of 100', unit: 's' },
        about: 'run_experiment and get_run wait as long as their callers ask for.',
        queries: [
          {
            expr: quantile(0.95, 'durable_experiments_tool_call_duration_seconds', 'tool'),
            legend: '{{tool}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Failures',
    panels: [
      {
        ...{ title: 'Failed attempts by code', unit: 'ops' },
        about:
          'Codes like NO_ROWS are a request’s own; INTERNAL, BLOB_… and STORAGE_FULL are ours.',
        queries: [
          {
            expr: rate('durable_experiments_step_attempts_total', 'code', FAILED),
            legend: '{{code}}',
          },
        ],
      },
      {
        ...{ title: 'Failed attempts by step', unit: 'ops' },
        about: 'Where experiments fail.',
        queries: [
          {
            expr: rate('durable_experiments_step_attempts_total', 'step', FAILED),
            legend: '{{step}}',
          },
        ],
      },
      {
        ...{ title: 'Tries beyond the first', unit: 'ops' },
        about: 'Steps that are tried again: because a neighbour is away, or a worker died.',
        queries: [
          { expr: rate('durable_experiments_step_retries_total', 'step'), legend: '{{step}}' },
        ],
      },
      {
        ...{ title: 'Failed tool calls', unit: 'ops' },
        about: 'What callers are told, by code.',
        queries: [
          {
            expr: rate(
              'durable_experiments_tool_calls_total',
              'tool, code',
              `${HERE}, code!="none"`,
            ),
            legend: '{{tool}} {{code}}',
          },
        ],
      },
    ],
  },
];
