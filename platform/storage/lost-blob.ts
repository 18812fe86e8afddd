import { Failure } from '../../schemas/failure.ts';
import type { StepName } from '../../schemas/names.ts';

/** Which step stores what, by the name in the blob's key. */
const STORED_BY: ReadonlyMap<string, StepName> = new Map([
  ['dataset', 'load'],
  ['split', 'split'],
  ['model', 'train'],
  ['predictions', 'evaluate'],
]);

/** The failure for a blob that is gone or damaged; the hint names the step that stores it anew. */
export function lostBlob(code: 'BLOB_MISSING' | 'BLOB_CORRUPT', key: string): Failure {
  const [name = ''] = (key.split('/').at(-1) ?? '').split('.');
  const step = STORED_BY.get(name);
  // What no step has stored came with the request.
  const what = step ? `The ${name} that this run has stored` : 'The records of this request';
  const message =
    code === 'BLOB_MISSING'
      ? `${what} can’t be found any more.`
      : `${what} changed on the disk: the hash is another.`;
  return new Failure(code, message, `${recovery(step)} Check the disk of the blob store.`);
}

function recovery(step: StepName | undefined): string {
  if (!step) {
    return 'Send the records again, under another idempotency_key: that stores them anew.';
  }
  // A run with reuse may have loaded its data there, and then has no load step.
  const from = step === 'load' ? 'load (or reuse, if it has no load)' : step;
  return `Retry the run with mlflow_retry_run from its step ${from}, which stores it anew.`;
}
