import { expect, it } from 'vitest';

import { ConfigError, readConfig } from '../../schemas/config.ts';

it.each(['blobs', '/var/lib/blobs', 's3://bucket', 's3://bucket/some/prefix'])(
  'BLOB_STORE may be %s',
  (place) => {
    expect(readConfig({ BLOB_STORE: place }).blobStore).toBe(place);
  },
);

it.each(['s3://', 's3:///prefix', 'gs://bucket', 'https://bucket.example.org'])(
  'BLOB_STORE may not be %s',
  (place) => {
    expect(() => readConfig({ BLOB_STORE: place })).toThrow(ConfigError);
  },
);
