import type { Row } from '../panels.ts';
import { rate } from '../queries.ts';

/** Whether all is well, and how much is done. */
export const OVERVIEW: readonly Row[] = [
  {
    title: 'Is all well?',
    panels: [
      {
        ...{ title: 'Going now', kind: 'stat', unit: 'short' },
        about: 'Experiments that are running or waiting, as Temporal tells.',
        queries: [{ expr: 'max(mlflow_active_experiments)' }],
      },
      {
        ...{ title: 'Ended in the last hour', kind: 'stat', unit: 'short' },
        about: 'By how. Executions of a retried experiment count each.',
        queries: [
          {
            expr: 'sum by (status) (increase(mlflow_experiments_total{status!="started"}[1h]))',
            legend: '{{status}}',
          },
        ],
        width: 8,
      },
      {
        ...{ title: 'Servers', kind: 'stat', unit: 'short', limit: 1, low: true, width: 3 },
        about: 'Servers that Prometheus reaches.',
        queries: [{ expr: 'durable_experiments:servers_up:count' }],
      },
      {
        ...{ title: 'Workers', kind: 'stat', unit: 'short', limit: 1, low: true, width: 3 },
        about: 'Workers that Prometheus reaches.',
        queries: [{ expr: 'durable_experiments:workers_up:count' }],
      },
      {
        ...{
          title: 'Neighbours',
          kind: 'stat',
          unit: 'bool_yes_no',
          limit: 1,
          low: true,
          width: 6,
        },
        about: 'Whether Temporal, MLflow and the audit log answer every server.',
        queries: [{ expr: 'durable_experiments:neighbour_up:min', legend: '{{neighbour}}' }],
      },
    ],
  },
  {
    title: 'Throughput',
    panels: [
      {
        ...{ title: 'Experiments a minute', unit: 'short' },
        about: 'Started, and ended by how. Where they part, something waits or stands.',
        queries: [
          { expr: `60 * ${rate('mlflow_experiments_total', 'status')}`, legend: '{{status}}' },
        ],
      },
      {
        ...{ title: 'Experiments going', unit: 'short' },
        about: 'As Temporal tells: true after restarts, whoever started them.',
        queries: [{ expr: 'max(mlflow_active_experiments)', legend: 'going' }],
      },
      {
        ...{ title: 'Tool calls a second', unit: 'ops' },
        about: 'What callers ask of the servers.',
        queries: [
          { expr: rate('durable_experiments_tool_calls_total', 'tool'), legend: '{{tool}}' },
        ],
      },
      {
        ...{ title: 'Rows loaded a second', unit: 'short' },
        about: 'What load steps read from sources.',
        queries: [{ expr: rate('durable_experiments_rows_loaded_total'), legend: 'rows' }],
      },
      {
        ...{ title: 'Bytes a second', unit: 'Bps' },
        about: 'Datasets that were stored, and the traffic of the blob store.',
        queries: [
          { expr: rate('durable_experiments_bytes_loaded_total'), legend: 'datasets' },
          {
            expr: rate('durable_experiments_blob_bytes_total', 'direction'),
            legend: 'blobs {{direction}}',
          },
        ],
      },
      {
        ...{ title: 'Refusals a second', unit: 'ops' },
        about: 'Requests beyond a rate or a quota, or not let in.',
        queries: [
          { expr: rate('durable_experiments_refusals_total', 'reason'), legend: '{{reason}}' },
        ],
      },
    ],
  },
];
