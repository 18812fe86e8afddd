import { setTimeout as sleep } from 'node:timers/promises';

import { orAborted } from './or-aborted.ts';

const ATTEMPTS = 4;
const BACKOFF_MS = 200;
/** Slower than 1 MB/s, after this, counts as hanging. */
const PATIENCE_MS = 30_000;

/** The store cannot be used from here. */
export class StoreUnusable extends Error {
  override readonly name = 'StoreUnusable';
  /** False when it only failed for a moment, though a long one. */
  readonly lasting: boolean;

  constructor(text: string, lasting: boolean) {
    super(text);
    this.lasting = lasting;
  }
}

interface Part {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Blob;
}

/** The answer's status, 0 when there was none, and the part's ETag. */
async function attempt({ url, headers, bytes }: Part, signal: AbortSignal) {
  const timeout = AbortSignal.timeout(PATIENCE_MS + Math.ceil(bytes.size / 1000));
  try {
    const response = await fetch(url, {
      ...{ method: 'PUT', headers, body: bytes, redirect: 'manual' },
      signal: AbortSignal.any([signal, timeout]),
    });
    await response.body?.cancel();
    return { status: response.status, etag: response.ok ? response.headers.get('etag') : null };
  } catch {
    signal.throwIfAborted();
    return { status: 0, etag: null };
  }
}

/**
 * Sends one part to an address that the artifact store's owner has signed; a few times, when the
 * store fails for a moment. The address is a secret and appears in no error.
 * @returns the part's ETag
 * @throws StoreUnusable; the signal's reason
 */
export async function putPart(part: Part, signal: AbortSignal): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    const { status, etag } = await attempt(part, signal);
    if (etag !== null) return etag;
    const passing = status === 0 || status >= 500 || status === 408 || status === 429;
    if (!passing || tries === ATTEMPTS) {
      throw new StoreUnusable(`status ${status}`, status < 500);
    }
    await orAborted(sleep(BACKOFF_MS * 2 ** (tries - 1) * (0.5 + Math.random())), signal);
  }
}
