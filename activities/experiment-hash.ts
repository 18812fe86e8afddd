import { createHash } from 'node:crypto';

import type { ExperimentInput } from '../schemas/experiment.ts';

/**
 * SHA-256 (hex) of all that decides a run's results: equal for requests that only differ in the order
 * of their keys or in how their numbers are written.
 * @param dataset hash of the source's bytes, or of the loaded rows where the source has none
 */
export function experimentHash(
  { model, source, params }: ExperimentInput,
  { dataset, codeVersion }: { readonly dataset: string; readonly codeVersion: string },
): string {
  const columns = source.kind === 'inline' ? {} : { features: source.features ?? null };
  const parsing = source.kind === 'file' ? { format: source.format } : {};
  const { C, max_iter, tol, test_size, seed } = params;
  const deciding = {
    ...{ version: 1, codeVersion, dataset, model },
    ...{ ...columns, ...parsing, target: source.kind === 'inline' ? null : source.target },
    params: { C, max_iter, tol, test_size, seed },
  };
  return createHash('sha256').update(JSON.stringify(deciding)).digest('hex');
}
