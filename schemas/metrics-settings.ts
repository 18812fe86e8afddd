import { z } from 'zod';

/** Where Prometheus finds what a process counts, beside the server’s own /metrics. */
export const metricsSettings = {
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Port of /metrics alone, without a key, for server and worker; none when unset.'),
  METRICS_HOST: z.string().default('127.0.0.1').describe('Address that METRICS_PORT is on.'),
};
