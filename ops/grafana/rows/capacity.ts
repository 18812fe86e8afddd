import type { Row } from '../panels.ts';
import { HERE, quantile } from '../queries.ts';

/** What waits, and what is full. */
export const CAPACITY: readonly Row[] = [
  {
    title: 'Waiting',
    panels: [
      {
        ...{ title: 'Wait in the queue, 95 of 100', unit: 's' },
        about: 'From when Temporal had an attempt to when a worker took it.',
        queries: [
          {
            expr: quantile(0.95, 'durable_experiments_queue_wait_seconds', 'queue'),
            legend: '{{queue}}',
          },
        ],
      },
      {
        ...{ title: 'Backlog', unit: 'short' },
        about: 'Tasks that no worker has taken.',
        queries: [
          {
            expr: 'max by (queue, kind) (durable_experiments_backlog_tasks)',
            legend: '{{queue}} {{kind}}',
          },
        ],
      },
      {
        ...{ title: 'Oldest task of the backlog', unit: 's' },
        about: 'Grows without end when a queue has no worker.',
        queries: [
          { expr: 'durable_experiments:backlog_age_seconds:max', legend: '{{queue}} {{kind}}' },
        ],
      },
    ],
  },
  {
    title: 'Saturation',
    panels: [
      {
        ...{ title: 'Slots in use', unit: 'percentunit' },
        about: 'Attempts that run, of those that workers take at once.',
        queries: [{ expr: 'durable_experiments:slots_used:ratio', legend: '{{queue}}' }],
      },
      {
        ...{ title: 'Workers that ask for tasks', unit: 'short' },
        about: 'As Temporal tells; one that is gone is forgotten after five minutes.',
        queries: [{ expr: 'durable_experiments:pollers:max', legend: '{{queue}} {{kind}}' }],
      },
      {
        ...{ title: 'Threads that compute', unit: 'percentunit' },
        about: 'Of those that a worker has.',
        queries: [
          {
            expr: `durable_experiments_compute_threads_busy{${HERE}} / durable_experiments_compute_threads{${HERE}}`,
            legend: '{{instance}}',
          },
        ],
      },
      {
        ...{ title: 'Memory budget in use', unit: 'percentunit' },
        about: 'What numeric tasks have set apart, of what they may together.',
        queries: [
          { expr: `durable_experiments:memory_budget_used:ratio{${HERE}}`, legend: '{{instance}}' },
        ],
      },
      {
        ...{ title: 'Tasks that wait for memory or a thread', unit: 'short' },
        about: 'Within workers, after their queue.',
        queries: [{ expr: `durable_experiments_compute_waiting{${HERE}}`, legend: '{{instance}}' }],
      },
      {
        ...{ title: 'Event loop lag, 99 of 100', unit: 's', limit: 1 },
        about: 'How long a process stands still at a time.',
        queries: [
          { expr: `nodejs_eventloop_lag_p99_seconds{${HERE}}`, legend: '{{job}} {{instance}}' },
        ],
      },
    ],
  },
];
