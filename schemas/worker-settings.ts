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
  WORKER_DEPLOYMENT: z
    .string()
    .regex(/^(?!__)[\w-]{1,100}$/, 'has letters, digits, dashes and underscores')
    .optional()
    .describe(
      'Name of the Temporal Worker Deployment that a worker is a version of; versions are not told apart when unset.',
    ),
  WORKER_BUILD_ID: z
    .string()
    .regex(/^[\w.+-]{1,100}$/, 'has letters, digits, dots, dashes, plus signs and underscores')
    .optional()
    .describe('Version of a worker within WORKER_DEPLOYMENT; the code’s own version when unset.'),
  WORKER_VERSIONING: z
    .enum(['auto-upgrade', 'pinned'])
    .default('auto-upgrade')
    .describe(
      'Whether a running experiment goes on with the new version, or ends with the one it began with.',
    ),
} as const;

type WorkerSettings = z.infer<z.ZodObject<typeof workerSettings>>;

/** A version without a deployment would be ignored without a word. */
export function checkWorkerSettings(settings: WorkerSettings, context: z.RefinementCtx): void {
  if (settings.WORKER_DEPLOYMENT !== undefined || settings.WORKER_BUILD_ID === undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['WORKER_DEPLOYMENT'],
    message: 'is missing: WORKER_BUILD_ID is a version of it',
  });
}
