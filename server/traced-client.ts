import {
  WorkflowExecutionAlreadyStartedError,
  type Headers,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';

import { carrierOf, currentTrace } from '../platform/tracing/trace-context.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import { TRACE_HEADER } from '../schemas/names.ts';

/** Wraps what changes workflows in spans, and tells starts and signals the trace they belong to. */
export function tracedClient(tracing: Tracing): WorkflowClientInterceptor {
  const during = <T>(
    name: string,
    workflowId: string | undefined,
    call: () => Promise<T>,
  ): Promise<T> =>
    tracing.during(
      { name, kind: 'client', attributes: { 'temporal.workflow_id': workflowId } },
      call,
    );
  return {
    async startWithDetails(input, next) {
      const { workflowType, options, headers } = input;
      const started = await during(`StartWorkflow:${workflowType}`, options.workflowId, () =>
        next({ ...input, headers: traced(headers) }).catch(alreadyStarted),
      );
      if (started instanceof Error) throw started;
      return started;
    },
    signal: (input, next) =>
      during(`SignalWorkflow:${input.signalName}`, input.workflowExecution.workflowId, () =>
        next({ ...input, headers: traced(input.headers) }),
      ),
    cancel: (input, next) =>
      during('CancelWorkflow', input.workflowExecution.workflowId, () => next(input)),
    terminate: (input, next) =>
      during('TerminateWorkflow', input.workflowExecution.workflowId, () => next(input)),
  };
}

function traced(headers: Headers): Headers {
  const trace = currentTrace();
  if (!trace) return headers;
  return { ...headers, [TRACE_HEADER]: defaultPayloadConverter.toPayload(carrierOf(trace)) };
}

/** No fault where a key came again: the span has nothing to tell of it. */
function alreadyStarted(error: unknown): WorkflowExecutionAlreadyStartedError {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return error;
  throw error;
}
