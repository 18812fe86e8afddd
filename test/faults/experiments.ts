import { randomUUID } from 'node:crypto';

import { untilClosed } from '../support/until-closed.ts';
import { KINDS, requestOf, type Kind } from './requests.ts';
import type { Installation } from './installation.ts';

export interface Answer {
  readonly status: number;
  readonly result: Readonly<Record<string, unknown>> | null;
  readonly error: string | null;
  readonly failure?: Readonly<Record<string, string | null>>;
}

/** What of mlflow_get_run's answer matters here. */
export interface View {
  readonly run_id: string;
  readonly experiment_id: string;
  readonly status: string | null;
  readonly metrics: Readonly<Record<string, number>>;
  readonly artifacts: readonly string[];
  readonly notes: readonly string[];
  readonly workflow: { readonly status: string; readonly workflow_id: string };
  readonly steps: readonly {
    readonly step: string;
    readonly status: string;
    readonly attempts: number;
    readonly waiting_since: string | null;
    readonly next_attempt_at: string | null;
    readonly failure: { readonly code: string } | null;
  }[];
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, ms));

/** POST /invoke; undefined when no answer came, whatever was done. */
export async function invoke(
  stage: Installation,
  tool: string,
  params: object,
): Promise<Answer | undefined> {
  try {
    const response = await fetch(`${stage.url}/invoke`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ tool, params }),
    });
    return { status: response.status, ...((await response.json()) as Omit<Answer, 'status'>) };
  } catch {
    return undefined;
  }
}

/** An experiment that was asked for. */
export interface Started {
  readonly kind: Kind | 'big';
  readonly workflowId: string;
}

/** As a client does that may not lose an experiment: asks with one key until the answer is there. */
export async function startOne(
  stage: Installation,
  experimentName: string,
  kind: Kind | 'big',
): Promise<Started> {
  const answer = await untilAnswered(stage, experimentName, kind, 0);
  return { kind, workflowId: String(answer['workflow_id']) };
}

/** @param wait seconds that the server waits for the end before it answers */
export async function untilAnswered(
  stage: Installation,
  experiment_name: string,
  kind: Kind | 'big',
  wait: number,
): Promise<Readonly<Record<string, unknown>>> {
  const params = {
    ...{ experiment_name, wait_seconds: wait, idempotency_key: randomUUID() },
    ...requestOf(kind, stage.postgres),
  };
  for (;;) {
    const answer = await invoke(stage, 'mlflow_run_experiment', params);
    if (answer?.result) return answer.result;
    // An outage, which the caller is told of; anything else is a fault.
    if (answer && answer.status !== 503) throw new Error(`refused: ${JSON.stringify(answer)}`);
    await pause(100);
  }
}

/** Starts `count` experiments of every kind in turn, all at once. */
export function startSome(stage: Installation, name: string, count: number): Promise<Started[]> {
  return Promise.all(
    Array.from({ length: count }, (_, i) => startOne(stage, name, KINDS[i % KINDS.length] as Kind)),
  );
}

export async function viewOf(stage: Installation, workflowId: string): Promise<View | undefined> {
  const answer = await invoke(stage, 'mlflow_get_run', { run_id: workflowId });
  return (answer?.result ?? undefined) as View | undefined;
}

/** Asks until the view is as wanted; the caller's time is the limit. */
export async function viewWhen(
  stage: Installation,
  workflowId: string,
  wanted: (view: View) => boolean,
): Promise<View> {
  for (;;) {
    const view = await viewOf(stage, workflowId);
    if (view && wanted(view)) return view;
    await pause(150);
  }
}

/** The view of a run that has ended, with both systems there to tell of it. */
export async function ended(stage: Installation, { workflowId }: Started): Promise<View> {
  await untilClosed(stage.temporal, workflowId);
  return viewWhen(
    stage,
    workflowId,
    ({ workflow, notes }) =>
      workflow.status !== 'RUNNING' && !notes.some((note) => note.includes('missing')),
  );
}
