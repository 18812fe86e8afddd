import { fileURLToPath } from 'node:url';

import type { DataConverter, PayloadCodec } from '@temporalio/common';

import type { Config } from '../../schemas/config.ts';
import { createKeyring } from './keyring.ts';
import { createPayloadCodec, type PayloadCodecOptions } from './payload-codec.ts';

/** Temporal loads it by its path. */
export const FAILURE_CONVERTER = fileURLToPath(new URL('failure-converter.ts', import.meta.url));

/** How client and worker write what Temporal keeps, and read it. */
export interface OurDataConverter extends DataConverter {
  readonly payloadCodecs: [PayloadCodec];
}

/**
 * The data converter of client and worker. Whatever ENCRYPT_PAYLOADS says, it reads what is encrypted and
 * what is not, so that the setting can be changed while runs go on.
 * @throws Failure SETUP_FAILED when the keys are needed and damaged
 */
export async function createDataConverter(
  config: Pick<Config, 'ENCRYPT_PAYLOADS' | 'payloadKeysFile'>,
  options: Pick<PayloadCodecOptions, 'asError'> = {},
): Promise<OurDataConverter> {
  const { ENCRYPT_PAYLOADS: encrypts, payloadKeysFile } = config;
  const keyring = createKeyring(payloadKeysFile);
  if (encrypts) await keyring.first();
  return {
    payloadCodecs: [createPayloadCodec({ ...options, keyring, encrypts })],
    ...(encrypts && { failureConverterPath: FAILURE_CONVERTER }),
  };
}
