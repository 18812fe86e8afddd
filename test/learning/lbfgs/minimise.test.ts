import { deserialize, serialize } from 'node:v8';
import { describe, expect, it } from 'vitest';
import { iterate, startMinimisation } from '../../../learning/lbfgs/minimise.ts';
import type { Objective, StoppingRule } from '../../../learning/lbfgs/minimise.ts';
import type { LbfgsState } from '../../../learning/lbfgs/state.ts';

const RULE: StoppingRule = {
  gradientTolerance: 1e-8,
  progressTolerance: 64 * Number.EPSILON,
  maxIterations: 1000,
  maxLineSearch: 50,
  maxEvaluations: 15000,
};

/** The sum of 100 (x[i+1] - x[i]^2)^2 + (1 - x[i])^2, a curved valley with its minimum at ones. */
function rosenbrock(size: number): Objective {
  return {
    size,
    evaluate(x, gradient) {
      gradient.fill(0);
      let sum = 0;
      for (let i = 0; i + 1 < size; i++) {
        const bend = x[i + 1]! - x[i]! ** 2;
        sum += 100 * bend ** 2 + (1 - x[i]!) ** 2;
        gradient[i]! += -400 * bend * x[i]! - 2 * (1 - x[i]!);
        gradient[i + 1]! += 200 * bend;
      }
      return sum;
    },
  };
}

function run(objective: Objective, x0: Float64Array, rule = RULE): LbfgsState {
  const state = startMinimisation(objective, x0, rule);
  while (state.status === 'running') iterate(objective, state, rule);
  return state;
}

describe('minimise', () => {
  // scipy 1.17: minimize(rosen, start, jac=rosen_der, method='L-BFGS-B'), gtol 1e-5, same ftol.
  it.each([
    [2, 37, 45],
    [4, 41, 47],
    [6, 54, 65],
    [10, 74, 92],
  ])("takes scipy's path in %i dimensions", (size, iterations, evaluations) => {
    const start = Float64Array.from({ length: size }, (_, i) => (i % 2 === 0 ? -1.2 : 1));
    const state = run(rosenbrock(size), start, { ...RULE, gradientTolerance: 1e-5 });
    expect(state.status).toBe('gradient-small');
    expect([state.iteration, state.evaluations]).toEqual([iterations, evaluations]);
  });

  it('stops at once at a minimum, and leaves the start as it was', () => {
    const start = Float64Array.of(1, 1);
    const state = run(rosenbrock(2), start);
    expect(state).toMatchObject({ status: 'gradient-small', iteration: 0, evaluations: 1 });
    expect(state.x).not.toBe(start);
  });

  it('stops when the value no longer falls', () => {
    const lifted: Objective = {
      size: 1,
      evaluate(x, gradient) {
        gradient[0] = 4 * x[0]! ** 3;
        return 1e9 + x[0]! ** 4;
      },
    };
    const state = run(lifted, Float64Array.of(3.1));
    expect(state.status).toBe('progress-small');
    expect(state.gradientNorm).toBeGreaterThan(RULE.gradientTolerance);
  });

  it('stops at its limits, before it looks whether it has converged', () => {
    const bowl: Objective = {
      size: 1,
      evaluate(x, gradient) {
        gradient[0] = 2 * x[0]!;
        return x[0]! ** 2;
      },
    };
    const start = Float64Array.of(0.5);
    expect(run(bowl, start, { ...RULE, maxIterations: 1 }).status).toBe('iteration-limit');
    expect(run(rosenbrock(4), new Float64Array(4), { ...RULE, maxEvaluations: 5 }).status).toBe(
      'evaluation-limit',
    );
  });

  // scipy ends this way, too: no step is better than none, and none makes no progress.
  it('stays where it is when the gradient leads uphill', () => {
    const liar: Objective = {
      size: 2,
      evaluate(x, gradient) {
        gradient[0] = -2 * x[0]!;
        gradient[1] = -2 * x[1]!;
        return x[0]! ** 2 + x[1]! ** 2;
      },
    };
    const state = run(liar, Float64Array.of(3, 4));
    expect(state).toMatchObject({ status: 'progress-small', loss: 25 });
    expect([...state.x]).toEqual([3, 4]);
  });

  it('forgets its memory after a failed line search and goes on', () => {
    const sound = rosenbrock(2);
    const during = { state: undefined as LbfgsState | undefined };
    const shaky: Objective = {
      size: 2,
      evaluate(x, gradient) {
        const value = sound.evaluate(x, gradient);
        const { iteration = 0, memory } = during.state ?? {};
        if (iteration !== 3 || memory!.size === 0) return value;
        gradient.fill(Number.NaN);
        return Number.NaN;
      },
    };
    const state = startMinimisation(shaky, Float64Array.of(-1.2, 1), RULE);
    during.state = state;
    while (state.iteration < 4) iterate(shaky, state, RULE);
    expect(state.memory.size).toBe(1);
    while (state.status === 'running') iterate(shaky, state, RULE);
    expect(state.status).toBe('gradient-small');
    expect([...state.x]).toEqual([expect.closeTo(1, 6), expect.closeTo(1, 6)]);
  });

  it('gives up when the value is not a number', () => {
    const broken: Objective = {
      size: 1,
      evaluate(x, gradient) {
        gradient[0] = x[0] === 1 ? 1 : Number.NaN;
        return x[0] === 1 ? 1 : Number.NaN;
      },
    };
    const state = run(broken, Float64Array.of(1));
    expect(state.status).toBe('line-search-failed');
    expect([...state.x]).toEqual([1]);
  });

  it('continues from a serialised state with the same bits', () => {
    const objective = rosenbrock(20);
    const start = new Float64Array(20);
    const straight = run(objective, start);
    const broken = startMinimisation(objective, start, RULE);
    const resumed = { state: broken };
    while (resumed.state.status === 'running') {
      iterate(objective, resumed.state, RULE);
      resumed.state = deserialize(serialize(resumed.state)) as LbfgsState;
    }
    expect(resumed.state).toEqual(straight);
  });
});
