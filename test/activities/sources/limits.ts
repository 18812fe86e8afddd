import type { SourceLimits } from '../../../activities/sources/source-reader.ts';

/** Limits that no test meets by accident. */
export const LIMITS: SourceLimits = {
  maxRows: 10_000_000,
  maxBytes: 1e9,
  maxColumns: 10_000,
  maxClasses: 1_000,
  queryTimeoutSeconds: 60,
};
