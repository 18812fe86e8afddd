import { z } from 'zod';

import { count, flag } from './setting-kinds.ts';

/** Where what is too big for Temporal lies. */
export const storageSettings = {
  BLOB_STORE: z
    .string()
    .regex(
      /^(?:s3:\/\/[a-z0-9][a-z0-9.-]+(?:\/.*)?|(?![a-z0-9]+:\/\/).+)$/i,
      'is a folder or s3://bucket/prefix',
    )
    .optional()
    .describe(
      'Where the blobs lie: a folder that all servers and workers share, or s3://bucket/prefix; STATE_DIR/blobs when unset.',
    ),
  BLOB_CACHE_BYTES: count(8 * 1024 ** 3).describe(
    'Copies of blobs from S3 that a worker keeps in STATE_DIR/cache for its next steps, in bytes; those in use come on top.',
  ),
  ENCRYPT_BLOBS: flag.prefault('').describe('Encrypt the data, models and results in BLOB_STORE.'),
} as const;
