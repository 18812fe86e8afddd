import type { Objective } from '../lbfgs/minimise.ts';
import type { Matrix } from '../matrix/matrix.ts';
import { soloCrew, type Crew } from '../parallel/crew.ts';
import { threadCrew } from '../parallel/thread-crew.ts';
import { createWork, type DataTerm } from './data-term.ts';
import { collectDense, denseTerm } from './dense-term.ts';
import { addPenalty } from './penalty.ts';
import { collectSparse, sparseTerm } from './sparse-term.ts';

/** Multiplications in an evaluation from which more threads pay for their start. */
const WORTH_THREADS = 4e6;

export interface RegularisedLoss extends Objective {
  /** CPU seconds of the other threads until now. */
  helperSeconds(): number;
  /** Sends the threads away. */
  close(): void;
}

/**
 * The regularised mean loss of a logistic regression: the same bits on any number of threads.
 * Parameters: [outputs x columns] coefficients, then [outputs] intercepts.
 * @param strength 1 / (C rows): half of it times the squared norm of the coefficients is added
 * @param threads how many may work on it, this one included
 */
export function createRegularisedLoss(
  data: { readonly matrix: Matrix; readonly codes: Int32Array; readonly outputs: number },
  { strength, threads }: { readonly strength: number; readonly threads: number },
): RegularisedLoss {
  const { matrix, codes, outputs } = data;
  const term =
    matrix.kind === 'dense'
      ? denseTerm(matrix, codes, outputs)
      : sparseTerm(matrix, codes, outputs);
  const phases = createWork(term).phases.length;
  const worthThreads = outputs * matrix.values.length >= WORTH_THREADS;
  const crew = startCrew(term, worthThreads ? threads : 1);
  return {
    size: term.parameters.length,
    evaluate(parameters, gradient) {
      term.parameters.set(parameters);
      for (let phase = 0; phase < phases; phase++) crew.run(phase);
      const loss =
        term.kind === 'dense' ? collectDense(term, gradient) : collectSparse(term, gradient);
      return loss + addPenalty(parameters, gradient, outputs * matrix.columns, strength);
    },
    helperSeconds: () => crew.helperSeconds(),
    close: () => crew.dismiss(),
  };
}

function startCrew(term: DataTerm, threads: number): Crew {
  const work = createWork(term);
  const module = new URL('data-term.ts', import.meta.url);
  return threads > 1 ? threadCrew(work, { threads, module, problem: term }) : soloCrew(work);
}
