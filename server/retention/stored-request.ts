import type { temporal } from '@temporalio/proto';

import type { ExperimentInput } from '../../schemas/experiment.ts';
import type { Decoder } from '../experiments/history-values.ts';

/** The request of a run, as its history has it; undefined for a history without one. */
export async function storedRequest(
  events: readonly temporal.api.history.v1.IHistoryEvent[],
  decoder: Pick<Decoder, 'payload'>,
): Promise<ExperimentInput | undefined> {
  const input = events[0]?.workflowExecutionStartedEventAttributes?.input;
  return (await decoder.payload(input)) as ExperimentInput | undefined;
}
