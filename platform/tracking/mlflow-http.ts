import { setTimeout as sleep } from 'node:timers/promises';

import pLimit from 'p-limit';
import type { z } from 'zod';

import { traceHeaders } from '../tracing/trace-context.ts';
import type { Tracing } from '../tracing/tracing.ts';
import { readBounded } from './answer-body.ts';
import { judgeAnswer, judgeSilence, strangeAnswer } from './answer-failures.ts';
import type { OwnTexts, Verdict } from './answer-failures.ts';
import { orAborted } from './or-aborted.ts';
import { readAddress } from './server-address.ts';
import type { MlflowCredentials } from './server-address.ts';
import { createTlsFetch } from './tls-fetch.ts';
import type { TlsOptions } from './tls-fetch.ts';
import { tracedRequests } from './traced-requests.ts';

export interface MlflowHttpOptions {
  /** Address of the server, with any path prefix; credentials in it count unless others are given. */
  readonly url: string;
  readonly credentials?: MlflowCredentials | undefined;
  /** Sent as X-MLFLOW-WORKSPACE. */
  readonly workspace?: string | undefined;
  /** Requests on their way at once. */
  readonly concurrency?: number;
  /** For one attempt, from its sending to the last byte of the answer; more for big artifacts. */
  readonly timeoutMs?: number;
  /** Attempts per request, the first included. */
  readonly maxAttempts?: number;
  /** Wait before the second attempt; doubles from there, and varies by half. */
  readonly backoffMs?: number;
  /** Longest JSON answer that is read. */
  readonly maxAnswerBytes?: number;
  /** For https, in place of Node's defaults. */
  readonly tls?: TlsOptions | undefined;
  /** Called right before each request; what it throws is thrown in place of sending. */
  readonly beforeSending?: (() => void) | undefined;
  /** No spans are made without it. */
  readonly tracing?: Tracing | undefined;
  /** In place of Node's own. */
  readonly fetch?: typeof globalThis.fetch;
}

export interface MlflowCall extends OwnTexts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the server's address, with the query: `/api/2.0/mlflow/runs/get?run_id=…`. */
  readonly path: string;
  readonly json?: unknown;
  readonly raw?: Uint8Array<ArrayBuffer> | Blob;
  /** True when doing it twice does no harm: only then is it repeated after an unclear failure. */
  readonly repeatable: boolean;
  readonly timeoutMs?: number;
  /** Longest answer that is read. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface MlflowHttp {
  /** The server's address without credentials. */
  readonly url: string;
  /**
   * Sends a request and reads a JSON answer of the given shape.
   * @throws Failure MLFLOW_UNAVAILABLE, MLFLOW_DENIED, MLFLOW_REFUSED or the call's `missing`;
   *   the signal's reason when the caller gave up
   */
  json<T>(call: MlflowCall, shape: z.ZodType<T>): Promise<T>;
  /** Sends a request and reads the answer's bytes; errors as with `json`. */
  bytes(call: MlflowCall): Promise<Buffer>;
}

const ERROR_TEXT_BYTES = 64 * 1024;
const LONGEST_WAIT_MS = 5000;

/** Time for an artifact's bytes, sent or to come: slower than 1 MB/s counts as hanging. */
function transferMs({ raw, maxBytes = 0 }: MlflowCall): number {
  const sent = raw instanceof Blob ? raw.size : (raw?.byteLength ?? 0);
  return Math.ceil((sent + maxBytes) / 1000);
}

/** A header's value. Checked here, because fetch's own complaint would repeat the secret. */
function plain(value: string, what: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new TypeError(`${what} holds characters that an HTTP header cannot carry`);
}

function authorization(credentials: MlflowCredentials | undefined): Record<string, string> {
  if (!credentials) return {};
  if ('token' in credentials) {
    return { authorization: `Bearer ${plain(credentials.token, 'MLflow’s token')}` };
  }
  const pair = `${credentials.username}:${credentials.password}`;
  return { authorization: `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** Milliseconds of a Retry-After header, in seconds or as a date; 0 when there is none. */
function retryAfter(response: Response): number {
  const value = response.headers.get('retry-after') ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}

/** A JSON and artifact connection to one MLflow server: bounded, timed, patient for a moment. */
export function createMlflowHttp(options: MlflowHttpOptions): MlflowHttp {
  const address = readAddress(options.url);
  if (!address) throw new TypeError('the address of MLflow is not an http(s) URL');
  const { timeoutMs = 30_000, maxAttempts = 5, backoffMs = 100 } = options;
  const { maxAnswerBytes = 32 * 1024 * 1024 } = options;
  const fetch = options.fetch ?? (options.tls ? createTlsFetch(options.tls) : globalThis.fetch);
  const limit = pLimit(options.concurrency ?? 8);
  const headers = {
    accept: 'application/json',
    ...authorization(options.credentials ?? address.credentials),
    ...(options.workspace === undefined
      ? {}
      : { 'x-mlflow-workspace': plain(options.workspace, 'MLflow’s workspace') }),
  };

  type Outcome =
    { bytes: Buffer; status: number } | { verdict: Verdict; status?: number; waitMs: number };

  const attempt = tracedRequests(address.url, options.tracing, async (call): Promise<Outcome> => {
    call.signal?.throwIfAborted();
    options.beforeSending?.();
    const timeout = AbortSignal.timeout((call.timeoutMs ?? timeoutMs) + transferMs(call));
    const isJson = call.json !== undefined;
    const body = isJson ? JSON.stringify(call.json) : (call.raw ?? null);
    try {
      const response = await fetch(address.url + call.path, {
        method: call.method,
        headers: {
          ...headers,
          ...traceHeaders(),
          ...(isJson && { 'content-type': 'application/json' }),
        },
        body,
        // A redirect could carry the credentials, or the data, to somebody else.
        redirect: 'manual',
        signal: call.signal ? AbortSignal.any([call.signal, timeout]) : timeout,
      });
      if (!response.ok) {
        const { bytes } = await readBounded(response, ERROR_TEXT_BYTES);
        const verdict = judgeAnswer(response.status, bytes.toString(), call);
        return { verdict, status: response.status, waitMs: retryAfter(response) };
      }
      const { bytes, whole } = await readBounded(response, call.maxBytes ?? maxAnswerBytes);
      if (whole) return { bytes, status: response.status };
      const { status } = response;
      return { verdict: strangeAnswer(status, 'is larger than allowed'), status, waitMs: 0 };
    } catch (error) {
      if (call.signal?.aborted) throw call.signal.reason;
      return { verdict: judgeSilence(error), waitMs: 0 };
    }
  });

  async function send(call: MlflowCall): Promise<{ bytes: Buffer; status: number }> {
    for (let tries = 1; ; tries += 1) {
      const outcome = await orAborted(
        limit(() => attempt(call)),
        call.signal,
      );
      if ('bytes' in outcome) return outcome;
      const { verdict } = outcome;
      const { again } = verdict;
      const allowed =
        again === 'any' ||
        (call.repeatable &&
          (again === 'repeatable' || (again === 'repeatable-once' && tries === 1)));
      // Whoever asks for a long pause gets it from the step's own retry policy.
      if (!allowed || tries >= maxAttempts || outcome.waitMs > LONGEST_WAIT_MS) {
        throw verdict.failure;
      }
      const backoff = backoffMs * 2 ** (tries - 1) * (0.5 + Math.random());
      await orAborted(
        sleep(Math.min(Math.max(backoff, outcome.waitMs), LONGEST_WAIT_MS)),
        call.signal,
      );
    }
  }

  return {
    url: address.url,
    async bytes(call) {
      return (await send(call)).bytes;
    },
    async json(call, shape) {
      const { bytes, status } = await send(call);
      let body: unknown;
      try {
        body = JSON.parse(bytes.toString());
      } catch (error) {
        throw strangeAnswer(status, 'is not JSON', error).failure;
      }
      const parsed = shape.safeParse(body);
      if (!parsed.success) throw strangeAnswer(status, 'has an unknown form', parsed.error).failure;
      return parsed.data;
    },
  };
}
