import type { Config } from '../../schemas/config.ts';
import { createKeyring, type Keyring } from '../codec/keyring.ts';

/** How blobs are encrypted on the disk. */
export interface BlobSealing {
  readonly keyring: Keyring;
  /** When false, what is written stays plain; what is encrypted is read all the same. */
  readonly encrypts: boolean;
}

/** As the settings say. @throws Failure SETUP_FAILED when the keys are needed and damaged */
export async function createBlobSealing(
  config: Pick<Config, 'ENCRYPT_BLOBS' | 'payloadKeysFile'>,
): Promise<BlobSealing> {
  const keyring = createKeyring(config.payloadKeysFile);
  if (config.ENCRYPT_BLOBS) await keyring.first();
  return { keyring, encrypts: config.ENCRYPT_BLOBS };
}
