import { z } from 'zod';

import { TASK_QUEUE } from './names.ts';
import { flag, httpUrl, port } from './setting-kinds.ts';

/** Which Temporal, and what of it is ours. */
export const temporalSettings = {
  TEMPORAL_ADDRESS: z.string().optional().describe('Temporal to use; an embedded one when unset.'),
  TEMPORAL_NAMESPACE: z.string().default('default').describe('Namespace of the experiments.'),
  TEMPORAL_TASK_QUEUE: z
    .string()
    .default(TASK_QUEUE)
    .describe(
      'Queue of the workflows and their steps; that of the trainings has “-training” at its end.',
    ),
  TEMPORAL_API_KEY: z.string().optional().describe('Key for Temporal, as Temporal Cloud has them.'),
  TEMPORAL_TLS: flag.optional().describe('TLS towards Temporal; on when an API key is set.'),
  TEMPORAL_UI_URL: httpUrl.optional().describe('Where people open the Temporal UI.'),
  TEMPORAL_PORT: port(7233).describe('Port of the embedded Temporal.'),
  TEMPORAL_UI_PORT: port(8233).describe('Port of the embedded Temporal UI.'),
} as const;
