import { z } from 'zod';

import { FAILURES, type FailureCode, type FailureDetails } from './failure.ts';

const codes = Object.keys(FAILURES) as [FailureCode, ...FailureCode[]];

/** {@link FailureDetails} as it is advertised to callers. */
export const failureDetailsSchema = z.object({
  code: z.enum(codes),
  step: z.string().nullable(),
  message: z.string(),
  hint: z.string(),
}) satisfies z.ZodType<FailureDetails>;
