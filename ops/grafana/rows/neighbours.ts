import type { Row } from '../panels.ts';
import { HERE, quantile, rate } from '../queries.ts';

/** MLflow, Temporal, the audit log. */
export const NEIGHBOURS: readonly Row[] = [
  {
    title: 'MLflow and Temporal',
    panels: [
      {
        ...{ title: 'Calls of MLflow a second', unit: 'ops' },
        about: 'By what they ask.',
        queries: [
          { expr: rate('durable_experiments_mlflow_calls_total', 'call'), legend: '{{call}}' },
        ],
      },
      {
        ...{ title: 'Calls of MLflow, 95 of 100', unit: 's' },
        about: 'With their tries, and the wait for a free connection.',
        queries: [
          {
            expr: quantile(0.95, 'durable_experiments_mlflow_call_duration_seconds', 'call'),
            legend: '{{call}}',
          },
        ],
      },
      {
        ...{ title: 'Calls of MLflow that fail', unit: 'percentunit', limit: 0.05 },
        about: 'Steps wait for an MLflow that is away, and go on by themselves.',
        queries: [{ expr: 'durable_experiments:mlflow_errors:ratio5m', legend: 'failing' }],
      },
      {
        ...{ title: 'Calls of Temporal, 95 of 100', unit: 's' },
        about: 'As the workers’ SDK measures them.',
        queries: [
          {
            expr: quantile(0.95, 'temporal_request_latency', 'operation'),
            legend: '{{operation}}',
          },
        ],
      },
      {
        ...{ title: 'Wait of workflow tasks, 95 of 100', unit: 's' },
        about: 'Beyond a second, workers have too little CPU for the workflows’ own code.',
        queries: [
          {
            expr: quantile(0.95, 'temporal_workflow_task_schedule_to_start_latency'),
            legend: 'wait',
          },
        ],
      },
      {
        ...{ title: 'Slots that the SDK has left', unit: 'short' },
        about: 'Of all workers together.',
        queries: [
          {
            expr: `sum by (worker_type) (temporal_worker_task_slots_available{${HERE}})`,
            legend: '{{worker_type}}',
          },
        ],
      },
    ],
  },
  {
    title: 'Audit log',
    panels: [
      {
        ...{ title: 'Events a second', unit: 'ops' },
        about: 'What servers and workers append.',
        queries: [
          { expr: rate('durable_experiments_audit_events_total', 'job'), legend: '{{job}}' },
        ],
      },
      {
        ...{ title: 'Append, 95 of 100', unit: 's' },
        about: 'Each step waits for two of them.',
        queries: [
          {
            expr: quantile(0.95, 'durable_experiments_audit_append_duration_seconds'),
            legend: 'append',
          },
        ],
      },
      {
        ...{ title: 'Not yet signed', unit: 's', limit: 900 },
        about: 'Age of the oldest event that no signed checkpoint covers.',
        queries: [
          {
            expr: `durable_experiments_audit_lag_seconds{${HERE}}`,
            legend: '{{job}} {{instance}}',
          },
        ],
      },
      {
        ...{ title: 'Failures in a quarter of an hour', unit: 'short' },
        about: 'Nothing is done that can’t be recorded.',
        queries: [{ expr: 'durable_experiments:audit_failures:increase15m', legend: '{{at}}' }],
      },
    ],
  },
];
