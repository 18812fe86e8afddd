import { manyTexts } from '../support/many-texts.ts';
import type { Answer } from './agent.ts';
import type { Stage } from './task.ts';

/** The file of texts in the data root on which a training takes as long as it is let. */
export const LONG_TEXTS = 'long-texts.csv';

/** @param seconds for which a training on them goes on at least */
export function longTexts(seconds = 20): string {
  const lines = manyTexts(2000 * seconds).map(({ text, label }) => `${text},class ${label}`);
  return ['text,label', ...lines, ''].join('\n');
}

/** An experiment that ends within a second. */
export const shortRequest = ({ experiment }: Pick<Stage, 'experiment'>) => ({
  experiment_name: experiment,
  source: { kind: 'file', path: 'train.csv', features: ['f1', 'f2', 'f3'], target: 'label' },
});

/** An experiment that takes some seconds: so many iterations, or until its time is over. */
export const longRequest = (
  { experiment }: Pick<Stage, 'experiment'>,
  { max_iter = 100_000, timeout_seconds = 600 } = {},
) => ({
  experiment_name: experiment,
  model: 'logreg_text',
  source: { kind: 'file', path: LONG_TEXTS, features: ['text'], target: 'label' },
  params: { C: 1e9, tol: 1e-12, max_iter },
  limits: { timeout_seconds },
});

/** What mlflow_run_experiment and mlflow_get_run tell. */
export interface Told {
  readonly status: string | null;
  readonly run_id: string | null;
  readonly workflow_id: string;
  readonly cursor: string;
  readonly next_poll_seconds: number | null;
  readonly workflow: { readonly workflow_id: string; readonly status: string };
}

export const told = ({ structured }: Answer): Told => structured as unknown as Told;
