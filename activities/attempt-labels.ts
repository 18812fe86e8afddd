import type { Info } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import type { ActivityExecuteInput } from '@temporalio/worker';

import type { OpenedRun } from '../schemas/experiment.ts';
import { RUN_HEADER, stepOf, STEPS } from '../schemas/names.ts';
import { chainOfAttempt, executionOf } from './audit/attempt-fields.ts';

/** What an attempt is told apart by in log lines and spans. */
export interface AttemptLabels {
  readonly workflow_id: string;
  /** The MLflow run, once it is open. */
  readonly run_id: string | undefined;
  readonly tenant: string;
  /** Undefined for what is no step of a run. */
  readonly step: string | undefined;
  readonly activity: string;
  readonly attempt: number;
}

export function attemptLabels(info: Info, { args, headers }: ActivityExecuteInput): AttemptLabels {
  const input = (args[0] ?? {}) as Input;
  const { activityType: activity, attempt } = info;
  return {
    workflow_id: executionOf(info).workflowId,
    run_id: input.run?.runId ?? headerOf(headers, RUN_HEADER),
    tenant: chainOfAttempt(info, input.request?.tenant ?? input.tenant),
    step: stepOf(activity) ?? undefined,
    ...{ activity, attempt },
  };
}

/** The MLflow run, from the step that opens it. */
export function openedRun(info: Info, output: unknown): Partial<Pick<AttemptLabels, 'run_id'>> {
  return info.activityType === STEPS.open ? { run_id: (output as OpenedRun).runId } : {};
}

/** As far as steps have it: some are told the request, some the MLflow run. */
interface Input {
  readonly tenant?: string;
  readonly request?: { readonly tenant?: string };
  readonly run?: { readonly runId: string } | null;
}

/** A text or an object out of a header; undefined when it is not there, or strange. */
export function headerOf<T>(headers: ActivityExecuteInput['headers'], name: string): T | undefined {
  const payload = headers[name];
  try {
    return payload && defaultPayloadConverter.fromPayload<T>(payload);
  } catch {
    return undefined;
  }
}
