/** Pairs (step, gradient change) kept: scipy's default `maxcor`. */
export const MEMORY = 10;

export type LbfgsStatus =
  | 'running'
  | 'gradient-small'
  | 'progress-small'
  | 'iteration-limit'
  | 'evaluation-limit'
  | 'line-search-failed';

/**
 * Everything L-BFGS carries from one iteration to the next: plain numbers and Float64Arrays, so
 * that `structuredClone` or `v8.serialize` of it is a checkpoint, and a minimisation continued
 * from one takes the same steps bit for bit.
 */
export interface LbfgsState {
  status: LbfgsStatus;
  /** Completed iterations (accepted steps). */
  iteration: number;
  /** Evaluations of the objective so far. */
  evaluations: number;
  loss: number;
  /** max |gradient[i]| */
  gradientNorm: number;
  readonly x: Float64Array;
  readonly gradient: Float64Array;
  readonly memory: Memory;
}

/**
 * The limited-memory matrix in compact form (Byrd, Nocedal and Schnabel 1994): the last steps s
 * and gradient changes y, oldest at `head` of a ring of MEMORY rows, and their inner products in
 * order of age, row-major [MEMORY x MEMORY].
 */
export interface Memory {
  /** Pairs stored, at most MEMORY. */
  size: number;
  /** Ring position of the oldest pair. */
  head: number;
  /** Scale of the initial matrix: y'y / s'y of the newest pair. */
  theta: number;
  readonly steps: Float64Array;
  readonly changes: Float64Array;
  /** steps[i] . changes[j] for every i and j */
  readonly stepChange: Float64Array;
  /** [MEMORY] steps[i] . changes[i] again, from the line search's directional derivatives */
  readonly curvature: Float64Array;
  /** steps[i] . steps[j], i <= j */
  readonly stepStep: Float64Array;
  /** changes[i] . changes[j], i <= j */
  readonly changeChange: Float64Array;
}

export function emptyMemory(parameterCount: number): Memory {
  return {
    size: 0,
    head: 0,
    theta: 1,
    steps: new Float64Array(MEMORY * parameterCount),
    changes: new Float64Array(MEMORY * parameterCount),
    stepChange: new Float64Array(MEMORY * MEMORY),
    curvature: new Float64Array(MEMORY),
    stepStep: new Float64Array(MEMORY * MEMORY),
    changeChange: new Float64Array(MEMORY * MEMORY),
  };
}

/** Drops all pairs, as L-BFGS-B does when rounding has made the matrix indefinite. */
export function forget(memory: Memory): void {
  memory.size = 0;
  memory.head = 0;
  memory.theta = 1;
}
