import type { temporal, google } from '@temporalio/proto';

import type { FailureDetails } from '../../schemas/failure.ts';
import type { StepView } from '../../schemas/run-view.ts';

type ProtoFailure = temporal.api.failure.v1.IFailure;
type Payloads = temporal.api.common.v1.IPayloads;

/** How payloads and failures in the history are read; the data converter stands behind it. */
export interface Decoder {
  payload(payloads: Payloads | null | undefined): Promise<unknown>;
  failure(failure: ProtoFailure): Promise<FailureDetails>;
}

/** Milliseconds since the epoch of a protobuf timestamp. */
export function milliseconds(time: google.protobuf.ITimestamp | null | undefined): number | null {
  if (!time) return null;
  return Number(time.seconds ?? 0) * 1000 + Math.round((time.nanos ?? 0) / 1e6);
}

export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}

/** A step's failure as callers see it. */
export async function failureView(
  failure: ProtoFailure | null | undefined,
  decoder: Decoder,
): Promise<StepView['failure']> {
  if (!failure) return null;
  const { code, message, hint } = await decoder.failure(failure);
  return { code, message, hint };
}
