/** Tests of `npm test` that take more cases, or tries, when they are asked to. */
export interface Suite {
  readonly name: string;
  readonly remarks: string;
  /** What vitest is called with after `run`. */
  readonly tests: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export const suites: readonly Suite[] = [
  {
    name: 'numbers',
    remarks: 'scikit-learn and pandas beside ours, LEARNING_EFFORT=12',
    tests: ['--project', 'parity'],
    environment: { LEARNING_EFFORT: '12' },
  },
  {
    name: 'files',
    remarks:
      '10 080 swaps of names, 10 080 mutated inputs, broken files of others, ATTACK_EFFORT=63',
    tests: ['--project', 'unit', 'test/activities/sources/hostile'],
    environment: { ATTACK_EFFORT: '63' },
  },
  {
    name: 'queries',
    remarks:
      'payloads for three databases against each layer alone, and without any, ATTACK_EFFORT=2',
    tests: ['test/activities/sources/attacks'],
    environment: { ATTACK_EFFORT: '2' },
  },
  {
    name: 'access',
    remarks: 'forged tokens and keys on the running server, 15 000 with a character changed',
    tests: ['--project', 'unit', 'test/server/access'],
    environment: { ATTACK_EFFORT: '100' },
  },
  {
    name: 'writers',
    remarks: 'two servers and two workers, 10 000 events at once, kill -9, SQLite and PostgreSQL',
    tests: ['--project', 'integration', 'test/platform/audit/several-writers'],
    environment: { AUDIT_EFFORT: '20' },
  },
  {
    name: 'reproduce',
    remarks: '24 random runs of all sources done again, bit by bit, AUDIT_EFFORT=3',
    tests: ['--project', 'integration', 'test/end-to-end/reproduce'],
    environment: { AUDIT_EFFORT: '3' },
  },
  {
    name: 'rolling update',
    remarks:
      '600 experiments while all workers and servers are replaced, auto-upgrade and pinned, OPERATIONS_EFFORT=2',
    tests: ['--project', 'integration', 'test/faults/rolling-update'],
    environment: { OPERATIONS_EFFORT: '2' },
  },
  {
    name: 'compose',
    remarks:
      'docker-compose.yml as processes with Temporal’s own server on PostgreSQL, built by Go, OPERATIONS_EFFORT=2',
    tests: ['--project', 'integration', 'test/compose'],
    environment: { OPERATIONS_EFFORT: '2' },
  },
  {
    name: 'containers',
    remarks:
      'docker compose up in Docker, 60 experiments, two containers killed, four servers restarted, WITH_DOCKER=1',
    tests: ['--project', 'docker'],
    environment: { WITH_DOCKER: '1' },
  },
  {
    name: 'tampering',
    remarks: '43 kinds on the database and its checkpoints, 36 on exports, AUDIT_EFFORT=5',
    tests: ['test/platform/audit/tampering', 'test/platform/audit/verify-audit'],
    environment: { AUDIT_EFFORT: '5' },
  },
  {
    name: 'package',
    remarks:
      'npx from the tarball with npm’s and Python’s packages installed anew, OPERATIONS_EFFORT=2',
    tests: ['--project', 'integration', 'test/package'],
    environment: { OPERATIONS_EFFORT: '2' },
  },
  {
    name: 'fleet',
    remarks:
      '500 experiments on 2 servers, 4 workers and S3; a server and a worker lost with their disks',
    tests: ['--project', 'integration', 'test/faults/fleet'],
    environment: { OPERATIONS_EFFORT: '2' },
  },
];
