import { LearningError } from '../learning-error.ts';
import { iterate, startMinimisation } from '../lbfgs/minimise.ts';
import type { Objective, StoppingRule } from '../lbfgs/minimise.ts';
import type { LbfgsState, LbfgsStatus } from '../lbfgs/state.ts';
import { countCodes } from '../labels/encode-labels.ts';
import type { Matrix } from '../matrix/matrix.ts';
import type { LinearModel } from '../trained-model.ts';
import { createRegularisedLoss } from './objective.ts';
import { seenClasses, withUnseenClasses } from './seen-classes.ts';

/** The request's parameters; the defaults of `LogisticRegression(max_iter=1000)`. */
export interface LogisticParams {
  /** Inverse strength of the L2 penalty, positive. */
  readonly C: number;
  readonly max_iter: number;
  /** Bound on max |gradient|. */
  readonly tol: number;
}

export const LOGISTIC_DEFAULTS: LogisticParams = { C: 1, max_iter: 1000, tol: 1e-4 };

export interface Progress {
  readonly iteration: number;
  readonly loss: number;
  /** max |gradient[i]| */
  readonly gradientNorm: number;
}

export interface FitResult {
  readonly linear: LinearModel;
  /** Classes without a row to fit on; they are never predicted. */
  readonly unseenClasses: number;
  readonly iterations: number;
  /** False when a limit or a failed line search ended the fit: scikit-learn warns then. */
  readonly converged: boolean;
  readonly status: Exclude<LbfgsStatus, 'running'>;
  /** Mean loss plus penalty at the solution. */
  readonly loss: number;
  readonly gradientNorm: number;
  readonly evaluations: number;
  /** CPU seconds of other threads than the caller's. */
  readonly helperSeconds: number;
}

export interface FitOptions {
  readonly params?: Partial<LogisticParams>;
  /** How many threads may work on it, this one included; 1 unless given. The bits are the same. */
  readonly threads?: number;
  /** Continue from a state handed to `onIteration` earlier, for the same data and params. */
  readonly resume?: LbfgsState;
  /**
   * Called after each iteration. `state` is the optimiser's own: copy it (`structuredClone`,
   * `v8.serialize`) to keep a checkpoint. Throwing from here ends the fit.
   */
  readonly onIteration?: (progress: Progress, state: LbfgsState) => void;
}

/**
 * Fits scikit-learn's `LogisticRegression`: mean logistic loss (two classes: one row of
 * coefficients for the second class) or softmax cross-entropy (three or more: a row a class),
 * plus |coefficients|^2 / (2 C rows), intercepts free, from zero, by the path and the stopping
 * rule of scipy's L-BFGS-B.
 * @param data.codes [rows] class of each row, 0 to classCount - 1, as positions of sorted labels
 * @throws LearningError 'one-class', 'not-finite', 'shape'
 */
export function fitLogisticRegression(
  data: { readonly matrix: Matrix; readonly codes: Int32Array; readonly classCount: number },
  options: FitOptions = {},
): FitResult {
  checkData(data);
  const { matrix } = data;
  const { seen, codes } = seenClasses(data.codes, data.classCount);
  const params = { ...LOGISTIC_DEFAULTS, ...options.params };
  const classCount = seen.length;
  const outputs = outputsOf(classCount);
  const objective = createRegularisedLoss(
    { matrix, codes, outputs },
    { strength: 1 / (params.C * matrix.rows), threads: options.threads ?? 1 },
  );
  try {
    const state = minimise(objective, stoppingRule(params), options);
    const coefficientCount = objective.size - outputs;
    const linear = {
      classCount,
      featureCount: matrix.columns,
      coefficients: state.x.slice(0, coefficientCount),
      intercepts: state.x.slice(coefficientCount),
    };
    return {
      linear: withUnseenClasses(linear, seen, data.classCount),
      unseenClasses: data.classCount - classCount,
      iterations: state.iteration,
      converged: state.status === 'gradient-small' || state.status === 'progress-small',
      status: state.status as FitResult['status'],
      loss: state.loss,
      gradientNorm: state.gradientNorm,
      evaluations: state.evaluations,
      helperSeconds: objective.helperSeconds(),
    };
  } finally {
    objective.close();
  }
}

function minimise(
  objective: Objective,
  rule: StoppingRule,
  { resume, onIteration }: FitOptions,
): LbfgsState {
  const state =
    resume === undefined
      ? startMinimisation(objective, new Float64Array(objective.size), rule)
      : continued(resume, objective.size);
  while (state.status === 'running') {
    iterate(objective, state, rule);
    const { iteration, loss, gradientNorm } = state;
    onIteration?.({ iteration, loss, gradientNorm }, state);
  }
  return state;
}

function continued(state: LbfgsState, size: number): LbfgsState {
  if (state.x.length !== size) {
    throw new LearningError('shape', 'The checkpoint is of another problem.', {
      parameters: size,
      found: state.x.length,
    });
  }
  return structuredClone(state);
}

const outputsOf = (classCount: number): number => (classCount === 2 ? 1 : classCount);

/** scikit-learn's arguments to `scipy.optimize.minimize`, and scipy's default `maxfun`. */
function stoppingRule(params: LogisticParams): StoppingRule {
  return {
    gradientTolerance: params.tol,
    progressTolerance: 64 * Number.EPSILON,
    maxIterations: params.max_iter,
    maxLineSearch: 50,
    maxEvaluations: 15000,
  };
}

function checkData(data: {
  readonly matrix: Matrix;
  readonly codes: Int32Array;
  readonly classCount: number;
}): void {
  const { matrix, codes, classCount } = data;
  if (codes.length !== matrix.rows || matrix.columns === 0) {
    throw new LearningError('shape', 'Fitting needs one label a row and at least one column.', {
      rows: matrix.rows,
      labels: codes.length,
      columns: matrix.columns,
    });
  }
  const counts = countCodes(codes, classCount);
  const present = counts.filter((count) => count > 0).length;
  if (present < 2) {
    throw new LearningError('one-class', 'Fitting needs rows of at least two classes.', {
      classes: present,
    });
  }
  checkFinite(matrix);
}

function checkFinite({ values }: Matrix): void {
  // Anything that is not finite makes NaN of this sum; one pass without a branch.
  let sum = 0;
  for (const value of values) sum += value * 0;
  if (Number.isNaN(sum)) {
    throw new LearningError('not-finite', 'A feature is missing or infinite.', {
      entry: values.findIndex((value) => !Number.isFinite(value)),
    });
  }
}
