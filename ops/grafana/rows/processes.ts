import type { Row } from '../panels.ts';
import { HERE, rate } from '../queries.ts';

/** Memory, CPU, disks, versions. */
export const PROCESSES: readonly Row[] = [
  {
    title: 'Processes',
    panels: [
      {
        ...{ title: 'Memory', unit: 'bytes' },
        about: 'Resident, with all threads; readers of sources are processes of their own.',
        queries: [
          {
            expr: `process_resident_memory_bytes{${HERE}}`,
            legend: '{{job}} {{instance}}',
          },
        ],
      },
      {
        ...{ title: 'CPU', unit: 'short' },
        about: 'Cores in use.',
        queries: [
          {
            expr: rate('process_cpu_seconds_total', 'job, instance'),
            legend: '{{job}} {{instance}}',
          },
        ],
      },
      {
        ...{ title: 'Free on disk', unit: 'percentunit', limit: 0.1, low: true },
        about: 'Below the state folder, and below the blobs where they are files.',
        queries: [
          {
            expr: `durable_experiments:disk_free:ratio{${HERE}}`,
            legend: '{{instance}} {{folder}}',
          },
        ],
      },
      {
        ...{ title: 'What runs', kind: 'table', unit: 'short', width: 24 },
        about: 'Two versions for long: an update has stopped halfway.',
        queries: [{ expr: 'count by (role, version, node) (durable_experiments_build_info)' }],
      },
    ],
  },
];
