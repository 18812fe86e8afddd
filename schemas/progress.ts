import { z } from 'zod';

/** What a heartbeat tells of a step: kept by Temporal until the next one, also from attempt to attempt. */
export const progressSchema = z.object({
  message: z.string().optional().describe('How far it is, in words.'),
  checkpoint: z.object({ key: z.string(), iteration: z.number().int() }).optional(),
});
export type Progress = z.infer<typeof progressSchema>;

export const heartbeatSchema = progressSchema.extend({
  /** Since when every attempt that ended has ended with the same code, and how many that were. */
  failing: z
    .object({ code: z.string(), since: z.iso.datetime(), tries: z.number().int() })
    .optional(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;
