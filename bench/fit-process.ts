// One train step in a process of its own: prints the most memory that was resident, in bytes.
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';

import { createComputePool } from '../activities/compute/compute-pool.ts';
import { paramsSchema } from '../schemas/request.ts';

const [datasetPath = '', splitPath = '', output = ''] = process.argv.slice(2);
const threads = availableParallelism();
const compute = createComputePool(threads);
const params = paramsSchema.parse({});
const checkpoints = { folder: dirname(output), everySeconds: 5, resume: null };
await compute.run(
  'fit',
  { datasetPath, splitPath, kind: 'logreg_tabular', params, threads, output, checkpoints },
  { signal: new AbortController().signal },
);
await compute.close();
console.log(process.resourceUsage().maxRSS * 1024);
