import type { Recorded } from '../../platform/audit/new-event.ts';
import { committed } from '../../platform/audit/commitment.ts';
import type { Caller } from '../../schemas/caller.ts';
import type { FailureCode } from '../../schemas/failure.ts';
import type { CallEnd } from './call-ends.ts';
import type { RecordedArguments } from './recorded-arguments.ts';

/** What both events of a call say. */
export interface CallIdentity {
  readonly caller: Caller;
  /** Tool, or method. */
  readonly name: string;
  readonly requestId: string;
}

/** The event of a call that was decided upon. @param refused what it is refused for */
export function requestedEvent(
  call: CallIdentity,
  decided: {
    readonly rule: string;
    readonly args: RecordedArguments;
    readonly refused?: FailureCode | undefined;
    readonly workflowId?: string | undefined;
  },
): Recorded {
  const { rule, args, refused, workflowId } = decided;
  const secret = committed(args.value, workflowId);
  return {
    ...{ name: 'tool.requested', chain: call.caller.tenant, secrets: [secret] },
    fields: {
      ...{ ...commonOf(call), scopes: [...call.caller.scopes], rule },
      decision: refused === undefined ? 'allowed' : 'refused',
      ...(refused !== undefined && { 'error.type': refused }),
      ...(workflowId !== undefined && { 'temporal.workflow_id': workflowId }),
      'arguments.commitment': secret.commitment,
      'arguments.bytes': args.bytes,
    },
  };
}

/** The event of its end. */
export function answeredEvent(
  call: CallIdentity,
  end: CallEnd & { readonly milliseconds: number },
): Recorded {
  const { outcome, code, milliseconds, workflowId, runId } = end;
  return {
    ...{ name: 'tool.answered', chain: call.caller.tenant },
    fields: {
      ...{ ...commonOf(call), outcome, duration_ms: Math.round(milliseconds) },
      ...(code !== undefined && { 'error.type': code }),
      ...(workflowId !== undefined && { 'temporal.workflow_id': workflowId }),
      ...(runId !== undefined && { 'mlflow.run_id': runId }),
    },
  };
}

function commonOf({ caller, name, requestId }: CallIdentity) {
  return { 'user.id': caller.subject, 'request.id': requestId, 'gen_ai.tool.name': name };
}
