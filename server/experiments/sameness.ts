import type { TrackedRun } from '../../platform/tracking/tracking-types.ts';
import type { CommonGround, Sameness } from '../../schemas/compare-runs.ts';
import { TAGS } from '../../schemas/names.ts';

const SPLIT_TAG = 'split.sha256';

/** Whether runs had the same data, the same test rows, and the same code. */
export function commonGround(runs: readonly TrackedRun[]): CommonGround {
  const data = sameTag(runs, TAGS.datasetHash);
  return { data, split: sameSplit(runs, data), code: sameTag(runs, TAGS.codeVersion) };
}

function sameTag(runs: readonly TrackedRun[], tag: string): Sameness {
  return sameValues(
    runs.map(({ tags }) => tags[tag]),
    tag,
  );
}

/** The hash of a split is that of its row numbers: it tells of test rows only where the data are known. */
function sameSplit(runs: readonly TrackedRun[], data: Sameness): Sameness {
  if (data.answer === 'no') return { answer: 'no', reason: 'Other data, so other test rows.' };
  const counts = sameValues(
    runs.map(({ params }) => params['test_rows']),
    'test_rows',
  );
  const split = counts.answer === 'no' ? counts : sameTag(runs, SPLIT_TAG);
  if (split.answer !== 'yes' || data.answer === 'yes') return split;
  return { answer: 'unknown', reason: 'Equal row numbers, but of data that may differ.' };
}

function sameValues(values: readonly (string | undefined)[], name: string): Sameness {
  const known = values.filter((value) => value !== undefined && value !== '');
  const kinds = new Set(known).size;
  if (kinds > 1) return { answer: 'no', reason: `${kinds} different values of ${name}.` };
  if (known.length === values.length) return { answer: 'yes', reason: `Equal ${name}.` };
  const without = values.length - known.length;
  return { answer: 'unknown', reason: `${without} of ${values.length} runs have no ${name}.` };
}

/** Why the comparison of these runs is not fair, or not complete. */
export function fairnessNotes(
  runs: readonly TrackedRun[],
  { data, split }: CommonGround,
): string[] {
  const targets = new Set(runs.flatMap(({ params }) => params['target'] ?? []));
  const unfinished = runs.filter(({ status }) => status !== 'FINISHED').length;
  const unlogged = runs.filter(({ params }) => Object.keys(params).length === 0).length;
  const deleted = runs.filter((run) => run.deleted).length;
  const of = (count: number) => `${count} of ${runs.length} runs`;
  return [
    ...(targets.size > 1 ? ['Not fair: the runs predict different targets.'] : []),
    ...(data.answer === 'no'
      ? ['Not fair: other data may explain a difference in metrics. A changed file is other data.']
      : split.answer === 'no'
        ? ['Not fair: the metrics were measured on different test rows.']
        : []),
    ...(unfinished > 0 ? [`${of(unfinished)} have not FINISHED: metrics lack or may change.`] : []),
    ...(unlogged > 0 ? [`${of(unlogged)} have no params; they are left out of that part.`] : []),
    ...(deleted > 0 ? [`${of(deleted)} are deleted in MLflow.`] : []),
  ];
}
