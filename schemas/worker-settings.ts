import { z } from 'zod';

import { QUEUES } from './names.ts';
import { count, list } from './setting-kinds.ts';

/** What a worker takes on, and how its versions follow each other. */
export const workerSettings = {
  WORKER_QUEUES: list
    .prefault(QUEUES.join(','))
    .pipe(
      z.array(z.enum(QUEUES, { error: `may be ${QUEUES.join(', ')}` })).min(1, 'names no queue'),
    )
    .describe('What a worker works on: steps (all but the training), training, or both.'),
  MAX_ACTIVITIES: count(20).describe('Steps at once, per worker, besides trainings.'),
  MAX_TRAININGS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Trainings at once, per worker; as many as cores when unset, two at least.'),
} as const;
