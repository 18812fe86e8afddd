import type { FailureCode, FailureDetails } from '../../schemas/failure.ts';
import type { Comparison } from './compare-records.ts';
import type { RunRecord } from './run-record.ts';

/** What two runs have to say to each other when not both have finished; undefined when both have. */
export function compareEnds(
  original: RunRecord,
  rerun: RunRecord,
): Omit<Comparison, 'parts'> | undefined {
  const [was, is] = [failureIn(original), failureIn(rerun)];
  if (!was && !is) return undefined;
  if (was?.code === is?.code && was?.step === is?.step) {
    return {
      ...{ verdict: 'equal', step: null, hint: null },
      reason: `Both failed with ${inWords(was)}.`,
    };
  }
  if (is && !was) return failedNow(original, is);
  const now = is ? `failed with ${inWords(is)}` : 'finished';
  return {
    ...{ verdict: 'different', step: was?.step ?? null, hint: is?.hint ?? null },
    reason: `The original failed with ${inWords(was)}; the rerun ${now}.`,
  };
}

function failureIn({ end }: RunRecord): FailureDetails | undefined {
  return end.status === 'FAILED' ? end.failure : undefined;
}

const inWords = (failure: FailureDetails | undefined): string =>
  failure ? `${failure.code} in the ${failure.step ?? 'first'} step` : 'nothing';

/** Codes that say of a source that it is not there any more. */
const GONE: readonly FailureCode[] = ['FILE_NOT_FOUND', 'BLOB_MISSING', 'CONNECTION_NOT_FOUND'];

function failedNow(original: RunRecord, failure: FailureDetails): Omit<Comparison, 'parts'> {
  const { code, step, message, hint } = failure;
  const answer = { verdict: 'different', step } as const;
  if (code === 'DATA_CHANGED') return { ...answer, reason: message, hint };
  if (GONE.includes(code) && (step === 'validate' || step === 'load')) {
    return { ...answer, ...goneSource(original, failure) };
  }
  return {
    ...answer,
    reason: `The original finished; the rerun failed with ${inWords(failure)}: ${message}`,
    hint,
  };
}

function goneSource(
  { request, dataset }: RunRecord,
  { message, hint }: FailureDetails,
): Pick<Comparison, 'reason' | 'hint'> {
  const sha256 = dataset?.sourceSha256 ?? dataset?.blob.sha256 ?? 'not recorded';
  switch (request.source.kind) {
    case 'inline':
      return {
        reason: 'The run’s inline records are gone from the blob store: erased, or lost.',
        hint: `Restore ${request.source.records.key} there from a backup (SHA-256 ${sha256}); when they were erased, the run can’t be repeated.`,
      };
    case 'file':
      return {
        reason: `The run’s file is gone: ${message}`,
        hint: `Put it back where it was (SHA-256 ${sha256}), and reproduce the run again.`,
      };
    case 'sql':
      return { reason: `The run’s source is gone: ${message}`, hint };
  }
}
