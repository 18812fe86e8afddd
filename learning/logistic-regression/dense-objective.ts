import { pairwiseSum } from '../arithmetic/pairwise-sum.ts';
import type { Objective } from '../lbfgs/minimise.ts';
import { chunkCount, createScratch, evaluateChunk } from './dense-chunks.ts';
import type { DenseProblem } from './dense-chunks.ts';
import { addPenalty } from './penalty.ts';

/**
 * The regularised mean loss over a dense matrix, on this thread. A threaded one would hand out
 * the chunks and add the partials in this same order.
 * Parameters: [outputs x columns] coefficients, then [outputs] intercepts.
 * @param strength 1 / (C rows): half of it times the squared norm of the coefficients is added
 */
export function createDenseObjective(problem: DenseProblem, strength: number): Objective {
  const { matrix, outputs } = problem;
  const size = outputs * (matrix.columns + 1);
  const losses = new Float64Array(chunkCount(matrix.rows));
  const partial = new Float64Array(size);
  const scratch = createScratch(outputs);
  return {
    size,
    evaluate(parameters, gradient) {
      gradient.fill(0);
      for (let chunk = 0; chunk < losses.length; chunk++) {
        losses[chunk] = evaluateChunk(problem, parameters, chunk, { partial, scratch });
        for (let i = 0; i < size; i++) gradient[i]! += partial[i]!;
      }
      const mean = pairwiseSum(losses) / matrix.rows;
      return mean + addPenalty(parameters, gradient, outputs * matrix.columns, strength);
    },
  };
}
