import type * as SDK from '@aws-sdk/client-s3';

/** s3://bucket/prefix */
export const S3_ADDRESS = /^s3:\/\/([^/]+)(?:\/(.*))?$/i;

/** A bucket, and what the keys in it begin with. */
export interface Bucket {
  readonly sdk: typeof SDK;
  readonly client: SDK.S3Client;
  readonly name: string;
  /** Empty, or with a slash at its end. */
  readonly prefix: string;
}

/** A server counts as away that can't be reached for so long, or keeps silent: some put large parts together slowly. */
const CONNECT_MS = 5000;
const IDLE_MS = 60_000;

/**
 * Opens s3://bucket/prefix when it is first asked for. Credentials, region and endpoint are the SDK's own:
 * AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT_URL and the rest, profiles and roles.
 */
export function bucketAt(address: string, idleMs = IDLE_MS): () => Promise<Bucket> {
  const [, name = '', path = ''] = S3_ADDRESS.exec(address) ?? [];
  const prefix = path.replace(/\/*$/, path === '' ? '' : '/');
  let opened: Promise<Bucket> | undefined;
  return () =>
    (opened ??= open(idleMs)
      .then((sdk) => ({ ...sdk, name, prefix }))
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      }));
}

/** The SDK is loaded by those who use S3, and by nobody else. */
async function open(idleMs: number): Promise<Pick<Bucket, 'sdk' | 'client'>> {
  const sdk = await import('@aws-sdk/client-s3');
  const settings: SDK.S3ClientConfig = {
    // Checksums in trailers are refused by many a store that is not Amazon's; the signature covers a body's hash.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: { connectionTimeout: CONNECT_MS, socketTimeout: idleMs },
  };
  const standard = new sdk.S3Client(settings);
  // Only Amazon has a host name for each bucket.
  const elsewhere = await standard.config.serviceConfiguredEndpoint?.();
  if (elsewhere === undefined) return { sdk, client: standard };
  standard.destroy();
  return { sdk, client: new sdk.S3Client({ ...settings, forcePathStyle: true }) };
}

/** The HTTP status with which a request was refused; undefined when there was no answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | null)?.$metadata
    ?.httpStatusCode;
}

/** S3's own name of what is wrong: an identifier, never a text with values. */
export function causeOf(error: unknown): string {
  const { name, code } = error as { readonly name?: unknown; readonly code?: unknown };
  const said = [code, name].find((text) => typeof text === 'string' && /^[A-Za-z_]+$/.test(text));
  return typeof said === 'string' ? said : 'there was no answer';
}
