import { posix } from 'node:path';

import pLimit from 'p-limit';
import { z } from 'zod';

import { emptyAnswer } from './answer-parts.ts';
import { PROXY } from './artifact-address.ts';
import { mayHaveTakenEffect, mlflowErrorCode, mlflowStatus } from './mlflow-fault.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import { putPart, StoreUnusable } from './upload-part.ts';

const MPU = '/api/2.0/mlflow-artifacts/mpu';
const PARTS_AT_ONCE = 4;
/** S3's limits; a part that is not the last has at least 5 MiB. */
const MAX_PARTS = 10_000;

export interface MultipartOptions {
  /** Smaller files go in one piece; 500 MiB as with MLflow's own client. */
  readonly fromBytes?: number;
  /** 5 MiB or more. */
  readonly partBytes?: number;
}

const createdAnswer = z.object({
  upload_id: z.string().default(''),
  credentials: z.array(
    z.object({
      url: z.url(),
      part_number: z.number().int(),
      headers: z.record(z.string(), z.string()).default({}),
    }),
  ),
});
type Part = z.infer<typeof createdAnswer>['credentials'][number];

/** True when MLflow's answer says that its store takes no parts: folders, or a server before 2.6. */
function isUnsupported(error: unknown): boolean {
  const status = mlflowStatus(error);
  const code = mlflowErrorCode(error);
  return code === 'NOT_IMPLEMENTED' || ((status === 404 || status === 405) && code === null);
}

function slicesOf(file: Blob, partBytes: number): Blob[] {
  const size = Math.max(partBytes, Math.ceil(file.size / MAX_PARTS));
  const count = Math.ceil(file.size / size);
  return Array.from({ length: count }, (_, i) => file.slice(i * size, (i + 1) * size));
}

/**
 * Uploads of big files in parts, straight to the store behind MLflow's artifact proxy, by addresses
 * that MLflow signs; no credentials of MLflow's go there.
 * @param sizeOf asks for the size of the artifact at an address, undefined when it is not there
 * @returns `upload`, which says false when the file has to go through the proxy in one piece
 */
export function createMultipartUpload(
  http: MlflowHttp,
  options: MultipartOptions,
  sizeOf: (address: string, signal?: AbortSignal) => Promise<number | undefined>,
) {
  const { fromBytes = 500 * 2 ** 20, partBytes = 32 * 2 ** 20 } = options;
  let offered = true;

  async function sendParts(parts: readonly Part[], slices: readonly Blob[], signal?: AbortSignal) {
    const limit = pLimit(PARTS_AT_ONCE);
    // One that fails for good stops the others.
    const stop = new AbortController();
    const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
    const sending = parts.map(({ url, headers, part_number }) =>
      limit(async () => {
        const etag = await putPart({ url, headers, bytes: slices[part_number - 1]! }, either);
        return { part_number, etag, url };
      }),
    );
    try {
      return await Promise.all(sending);
    } catch (error) {
      stop.abort(error);
      await Promise.allSettled(sending);
      throw error;
    }
  }

  async function upload(address: string, file: Blob, signal?: AbortSignal): Promise<boolean> {
    if (!offered || file.size < fromBytes) return false;
    const place = address.slice(PROXY.length);
    const path = decodeURIComponent(posix.basename(place));
    const ask = (step: string, json: object, repeatable: boolean) => {
      const to = `${MPU}/${step}${posix.dirname(place)}`;
      return { method: 'POST', path: to, json: { path, ...json }, repeatable, signal } as const;
    };
    const slices = slicesOf(file, partBytes);
    const created = await http
      .json(ask('create', { num_parts: slices.length }, true), createdAnswer)
      .catch((error: unknown) => {
        if (!isUnsupported(error)) throw error;
        offered = false;
        return undefined;
      });
    if (created === undefined) return false;
    const id = { upload_id: created.upload_id };
    try {
      if (created.credentials.length !== slices.length) throw new StoreUnusable('parts', true);
      const parts = await sendParts(created.credentials, slices, signal);
      await http.json(ask('complete', { ...id, parts }, false), emptyAnswer);
      return true;
    } catch (error) {
      const unclear = !signal?.aborted && mayHaveTakenEffect(error);
      if (unclear && (await sizeOf(address, signal)) === file.size) return true;
      // What was sent costs room until somebody tidies up. Also when the caller has given up.
      const abort = { ...ask('abort', id, true), signal: undefined, timeoutMs: 5000 };
      await http.json(abort, emptyAnswer).catch(() => undefined);
      if (!(error instanceof StoreUnusable)) throw error;
      // Often only the MLflow server can reach the store.
      offered = !error.lasting;
      return false;
    }
  }

  return upload;
}
