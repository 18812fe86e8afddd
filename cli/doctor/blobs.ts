import { randomBytes } from 'node:crypto';

import { createBlobStoreFrom } from '../../platform/storage/from-config.ts';
import { Failure } from '../../schemas/failure.ts';
import { ok, problem, type Check } from './check.ts';

export const blobs: Check = {
  name: 'blob store',
  async run({ config }) {
    const place = config.blobStore;
    const store = await createBlobStoreFrom(config);
    const probe = randomBytes(64);
    try {
      const ref = await store.putBytes('doctor/probe', probe);
      const back = await store.getBytes(ref);
      await store.remove(ref.key);
      if (back.equals(probe)) return ok(`A probe was written to ${place}, read and removed.`);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (error instanceof Failure) throw error;
      return problem(
        `Nothing can be written to ${place} (${code ?? 'unknown'}).`,
        'Set BLOB_STORE to a folder that servers and workers can write, or to s3://bucket/prefix.',
      );
    }
    return problem(
      `${place} gave back other bytes than were written.`,
      'Do not use it: look at its disks.',
    );
  },
};
