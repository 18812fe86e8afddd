import type { temporal } from '@temporalio/proto';

import type { DatasetRef, SplitRef } from '../../schemas/dataset.ts';
import type {
  EvaluationRef,
  ExperimentInput,
  ModelRef,
  OpenedRun,
  ReuseAnswer,
} from '../../schemas/experiment.ts';
import type { FailureDetails } from '../../schemas/failure.ts';
import { STEPS } from '../../schemas/names.ts';
import type { Decoder } from '../experiments/history-values.ts';
import { activityResult } from '../experiments/step-timeline.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** How a run ended; STOPPED by somebody, or by Temporal, before it had an end of its own. */
export type RunEnd =
  | { readonly status: 'RUNNING' | 'FINISHED' | 'STOPPED' }
  | { readonly status: 'FAILED'; readonly failure: FailureDetails };

/** What a run was asked for and came to, step by step; a step that it did not reach has nothing. */
export interface RunRecord {
  readonly workflowId: string;
  readonly request: ExperimentInput;
  readonly opened: Pick<OpenedRun, 'runId' | 'experimentId'> | undefined;
  /** MLflow run whose results it used in place of its own. */
  readonly reusedRun: string | undefined;
  readonly dataset: DatasetRef | undefined;
  readonly split: SplitRef | undefined;
  readonly model: ModelRef | undefined;
  readonly evaluation: EvaluationRef | undefined;
  readonly end: RunEnd;
}

/** Reads a run out of its history. */
export async function runRecord(
  workflowId: string,
  events: readonly HistoryEvent[],
  decoder: Decoder,
): Promise<RunRecord> {
  const result = async <T>(activity: string): Promise<T | undefined> =>
    (await activityResult(events, activity, decoder)) as T | undefined;
  const input = events[0]?.workflowExecutionStartedEventAttributes?.input;
  const reuse = await result<ReuseAnswer>(STEPS.reuse);
  return {
    workflowId,
    request: (await decoder.payload(input)) as ExperimentInput,
    opened: await result<OpenedRun>(STEPS.open),
    reusedRun: reuse?.origin?.runId,
    dataset: (await result<DatasetRef>(STEPS.load)) ?? reuse?.dataset ?? undefined,
    split: await result<SplitRef>(STEPS.split),
    model: await result<ModelRef>(STEPS.train),
    evaluation: await result<EvaluationRef>(STEPS.evaluate),
    end: await endOf(events.at(-1), decoder),
  };
}

async function endOf(last: HistoryEvent | undefined, decoder: Decoder): Promise<RunEnd> {
  if (last?.workflowExecutionCompletedEventAttributes) return { status: 'FINISHED' };
  const failure = last?.workflowExecutionFailedEventAttributes?.failure;
  if (failure) return { status: 'FAILED', failure: await decoder.failure(failure) };
  const stopped =
    last?.workflowExecutionCanceledEventAttributes ??
    last?.workflowExecutionTerminatedEventAttributes ??
    last?.workflowExecutionTimedOutEventAttributes;
  return { status: stopped ? 'STOPPED' : 'RUNNING' };
}
