import { hash } from 'node:crypto';

import type { Recorded } from '../../platform/audit/new-event.ts';
import { canonical } from '../../platform/audit/chain.ts';
import type { EventFields } from '../../schemas/audit-event.ts';
import type { DatasetRef, SplitRef } from '../../schemas/dataset.ts';
import type {
  CloseInput,
  EvaluationRef,
  LoggedRun,
  LogInput,
  ModelRef,
  OpenedRun,
  RegisterInput,
  Registered,
  ReuseAnswer,
} from '../../schemas/experiment.ts';

/** What an attempt that went well has come to, as fields of its end. */
type Facts = Partial<
  Omit<EventFields<'attempt.ended'>, 'outcome' | 'duration_ms' | `temporal.${string}`>
>;

const ofDataset = ({ blob, rows, sourceSha256 }: DatasetRef): Facts => ({
  'dataset.sha256': blob.sha256,
  'dataset.rows': rows,
  ...(sourceSha256 !== null && { 'source.sha256': sourceSha256 }),
});

/** By activity; one that is not here has nothing to tell but its hashes. */
const FACTS: Readonly<Record<string, (output: never, input: never) => Facts>> = {
  openRun: ({ runId, experimentId }: OpenedRun) => ({
    'mlflow.run_id': runId,
    'mlflow.experiment_id': experimentId,
  }),
  loadDataset: ofDataset,
  findReusableRun: ({ dataset }: ReuseAnswer) => (dataset ? ofDataset(dataset) : {}),
  splitDataset: ({ blob }: SplitRef) => ({ 'split.sha256': blob.sha256 }),
  trainModel: ({ blob }: ModelRef) => ({ 'model.sha256': blob.sha256 }),
  evaluateModel: ({ predictions, metrics }: EvaluationRef) => ({
    'predictions.sha256': predictions.sha256,
    'metrics.sha256': hash('sha256', canonical(metrics)),
  }),
  logRun: ({ model }: LoggedRun, { run }: LogInput) => ({
    'mlflow.run_id': run.runId,
    ...(model && { 'mlflow.model_id': model.modelId }),
  }),
  closeRun: ({ runId }: { readonly runId: string | null }, { status }: CloseInput) => ({
    'run.status': status,
    ...(runId !== null && { 'mlflow.run_id': runId }),
  }),
};

export function attemptFacts(activity: string, output: unknown, input: unknown): Facts {
  return FACTS[activity]?.(output as never, input as never) ?? {};
}

type Decision = Extract<Recorded, { readonly name: 'run.reused' | 'model.registered' }>;
type Run = Pick<EventFields<'run.reused'>, 'temporal.workflow_id' | 'temporal.run_id'>;

/** Events of what a step has decided. */
export function decisions(
  {
    activity,
    chain,
    run,
  }: { readonly activity: string; readonly chain: string; readonly run: Run },
  output: unknown,
  input: unknown,
): Decision[] {
  const id = (kind: string): string => `${kind}/${run['temporal.run_id']}`;
  if (activity === 'findReusableRun') {
    const { origin } = output as ReuseAnswer;
    if (!origin) return [];
    const about = { 'mlflow.run_id': origin.runId, 'mlflow.model_id': origin.modelId };
    return [{ name: 'run.reused', chain, id: id('reused'), fields: { ...run, ...about } }];
  }
  if (activity === 'registerModel') {
    const { registered } = output as { readonly registered: Registered };
    const { runId, modelId, registration } = input as RegisterInput;
    const fields = {
      ...run,
      ...{ 'mlflow.run_id': runId, 'mlflow.model_id': modelId },
      'model.name': registered.model_name,
      ...(registered.version !== null && { 'model.version': registered.version }),
      champion: registered.champion,
      ...{ 'gate.metric': registration.metric, 'gate.reason': registered.reason },
    };
    return [{ name: 'model.registered', chain, id: id('registered'), fields }];
  }
  return [];
}
