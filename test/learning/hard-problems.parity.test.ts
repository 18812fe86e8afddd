import { beforeAll, describe, expect, it } from 'vitest';

import { createRandomState } from '../../learning/random/random-state.ts';
import { stratifiedSplit } from '../../learning/split/stratified-split.ts';
import { paramsSchema, type Params } from '../../schemas/request.ts';
import { ask, isRefusal, type Refusal } from './reference/ask.ts';
import { seeds } from './reference/effort.ts';
import { expectSame } from './reference/expect-same.ts';
import { DEFAULTS, refusalOf, runOurs } from './reference/our-experiment.ts';
import type { ReferenceExperiment } from './reference/problems.ts';
import { between, hardProblem, standardise } from './reference/random-problems.ts';

type Rows = readonly (readonly number[])[];
interface Problem {
  readonly rows: Rows;
  readonly labels: readonly number[];
  readonly params?: Partial<Params>;
}

const MAX = Number.MAX_VALUE;
const columns = (...given: readonly (readonly number[])[]): number[][] =>
  given[0]!.map((_, i) => given.map((values) => values[i]!));
const filled = (value: number, rows = 40): number[] => Array<number>(rows).fill(value);
const inTurn = (rows: number, classes: number): number[] =>
  Array.from({ length: rows }, (_, i) => i % classes);
const sized = (...counts: number[]): number[] => counts.flatMap((rows, code) => filled(code, rows));
const signal = (labels: readonly number[], seed = 1): number[] => {
  const random = createRandomState(seed);
  return labels.map((label) => random.normal() + label);
};
const two = inTurn(40, 2);
const three = inTurn(60, 3);
const scaled = (labels: readonly number[], scale: number, seed = 1): number[] =>
  signal(labels, seed).map((value) => value * scale);

function wide(rows: number, width: number, classes: number): Problem {
  const labels = inTurn(rows, classes);
  const given = Array.from({ length: width }, (_, j) =>
    signal(j % 7 === 0 ? labels : filled(0, rows), j),
  );
  return { rows: columns(...given), labels };
}

/** Large coefficients, and huge values in the first row of the test set. */
function overflowing(labels: readonly number[], values: readonly [number, number]): Problem {
  const codes = Int32Array.from(labels);
  const classCount = Math.max(...labels) + 1;
  const { test } = stratifiedSplit({ codes, classCount, testSize: 0.2, seed: 42 });
  const rows = labels.map((label, i) => {
    const value = (label - 0.5) / 10;
    return i === test[0] ? [...values] : [value, value];
  });
  return { rows, labels, params: { C: 1e6 } };
}

/** Named problems, and the code with which both refuse. */
const PROBLEMS: readonly [name: string, problem: Problem, refused?: string][] = [
  ['one constant column', { rows: columns(filled(7), signal(two)), labels: two }],
  ['constant columns only', { rows: columns(filled(7), filled(-1)), labels: two }],
  ['zeros only, uneven classes', { rows: columns(filled(0)), labels: sized(25, 15) }],
  ['constants only, three classes', { rows: columns(filled(3, 60)), labels: sized(20, 25, 15) }],
  ['a column three times', { rows: columns(signal(two), signal(two), signal(two)), labels: two }],
  ['one column', { rows: columns(signal(three)), labels: three }],
  ['30 rows of 200 features', wide(30, 200, 2)],
  ['30 rows of 200 features, three classes', wide(30, 200, 3)],
  ['12 rows of 500 features', wide(12, 500, 2)],
  [
    'two rows a class',
    { rows: columns([1, 2, 3, 4]), labels: [0, 0, 1, 1], params: { test_size: 0.5 } },
  ],
  [
    'two rows a class, three classes',
    { rows: columns([1, 2, 3, 4, 5, 6]), labels: [0, 0, 1, 1, 2, 2], params: { test_size: 0.5 } },
  ],
  ['one row a class', { rows: columns([1, 2, 3]), labels: [0, 1, 2] }, 'CLASS_TOO_SMALL'],
  [
    'one class with one row',
    { rows: columns(inTurn(9, 9)), labels: sized(8, 1) },
    'CLASS_TOO_SMALL',
  ],
  ['one class', { rows: columns(inTurn(9, 9)), labels: filled(0, 9) }, 'ONE_CLASS'],
  [
    'too few rows to train on',
    { rows: columns(inTurn(9, 9)), labels: inTurn(9, 3), params: { test_size: 0.9 } },
    'TOO_FEW_ROWS',
  ],
  ['1000 rows and 2', { rows: columns(signal(sized(1000, 2))), labels: sized(1000, 2) }],
  ['2 rows and 1000', { rows: columns(signal(sized(2, 1000))), labels: sized(2, 1000) }],
  [
    '500, 500 and 2 rows',
    { rows: columns(signal(sized(500, 500, 2))), labels: sized(500, 500, 2) },
  ],
  ...(
    [
      ['the second', [100, 2], 0.1],
      ['the first', [2, 100], 0.1],
      ['a third', [100, 100, 2], 0.05],
      ['all but one', [1000, 2, 2], 0.01],
    ] as const
  ).map(([name, counts, test_size]): [string, Problem] => {
    const labels = sized(...counts);
    return [
      `a test set without ${name} class`,
      { rows: columns(signal(labels)), labels, params: { test_size } },
    ];
  }),
  ...(
    [
      ['the last of three', [100, 100, 2]],
      ['the first of three', [2, 100, 100]],
      ['one of four', [100, 2, 100, 100]],
      ['two of four', [2, 100, 2, 100]],
    ] as const
  ).map(([name, counts]): [string, Problem] => {
    const labels = sized(...counts);
    const params = { test_size: 0.9 };
    return [
      `a training set without ${name} classes`,
      { rows: columns(signal(labels), signal(labels, 2)), labels, params },
    ];
  }),
  [
    'a training set of one class',
    { rows: columns(signal(sized(100, 2))), labels: sized(100, 2), params: { test_size: 0.9 } },
    'ONE_CLASS',
  ],
  [
    'zeros of both signs',
    {
      rows: columns(
        two.map((v, i) => (i % 3 ? -0 : 0)),
        signal(two),
      ),
      labels: two,
    },
  ],
  ['denormals', { rows: columns(scaled(two, 5e-324), scaled(two, 1e-310, 2)), labels: two }],
  ['denormals, three classes', { rows: columns(scaled(three, 1e-310)), labels: three }],
  ...[1e20, 1e100, 1e154, 1e160, 1e200, 1e307].flatMap((scale): [string, Problem][] =>
    [two, three].map((labels) => [
      `two columns of about ${scale}, ${Math.max(...labels) + 1} classes`,
      { rows: columns(scaled(labels, scale), scaled(labels, scale, 2), signal(labels, 3)), labels },
    ]),
  ),
  ['the largest double everywhere', { rows: columns(filled(MAX), filled(MAX)), labels: two }],
  [
    'the largest double everywhere, three classes',
    { rows: columns(filled(MAX, 60), filled(-MAX, 60)), labels: three },
  ],
  [
    'both largest doubles',
    {
      rows: columns(
        two.map((v) => (v ? MAX : -MAX)),
        signal(two),
      ),
      labels: two,
    },
  ],
  ...[1, 2, 3].flatMap((seed): [string, Problem][] =>
    [two, three].map((labels) => {
      const rows = columns(signal(labels), signal(labels, 2));
      rows[5] = [1e308, -1.7e308];
      return [
        `one huge row, seed ${seed}, ${Math.max(...labels) + 1} classes`,
        { rows, labels, params: { seed } },
      ];
    }),
  ),
  ['a test row beyond every double', overflowing(two, [MAX, MAX])],
  ['a test row of infinity less infinity', overflowing(two, [MAX, -MAX]), 'VALUE_OUT_OF_RANGE'],
  ['a test row of two infinite classes', overflowing(three, [MAX, MAX]), 'VALUE_OUT_OF_RANGE'],
  ['classes far apart', { rows: columns(two.map((v) => (2 * v - 1) * 1e6)), labels: two }],
  ['equal rows of both classes', { rows: columns(two.map((_, i) => (i >> 1) % 5)), labels: two }],
  ['few distinct rows', { rows: columns(inTurn(40, 3), inTurn(40, 4)), labels: two }],
];

describe('a hard problem', () => {
  let answers: readonly (ReferenceExperiment | Refusal)[];
  beforeAll(async () => {
    answers = await ask<'experiment'>(PROBLEMS.map(([, problem]) => question(problem)));
  });

  it.each(PROBLEMS.map(([name, problem, refused], i) => ({ name, problem, refused, i })))(
    '$name ends as with scikit-learn',
    ({ problem, refused, i }) => {
      const theirs = answers[i]!;
      expect(isRefusal(theirs) ? theirs.error : undefined).toEqual(
        refused === undefined ? undefined : (expect.any(String) as string),
      );
      if (isRefusal(theirs)) expect(refusalOf(() => solve(problem))).toBe(refused);
      else expectSame(solve(problem), theirs);
    },
  );
});

it('random problems with random params end alike where scikit-learn agrees with itself', async () => {
  const problems = seeds(10).flatMap((seed): Problem[] => {
    const { rows, codes } = hardProblem(seed);
    const rest = { labels: codes, params: randomParams(seed) };
    return [
      { rows, ...rest },
      { rows: standardise(rows), ...rest },
    ];
  });
  const answers = await ask<'experiment'>(
    problems.map((problem) => ({ ...question(problem), again: 3 })),
  );
  let agreed = 0;
  answers.forEach((theirs, i) => {
    // A test set that is too small for the classes: we let it grow.
    if (isRefusal(theirs)) return expect(theirs.error).toMatch(/The test_size = /);
    const ours = solve(problems[i]!);
    expect(ours.train).toEqual(theirs.train);
    expect(ours.test).toEqual(theirs.test);
    const fits = [theirs, ...theirs.again];
    if (fits.every(({ converged }) => converged === theirs.converged)) {
      expect(ours.converged, `problem ${i}`).toBe(theirs.converged);
    }
    if (fits.every((fit) => fit.converged && same(fit.predicted, theirs.predicted))) {
      agreed += 1;
      expect(ours.predicted, `problem ${i}`).toEqual(theirs.predicted);
    }
  });
  expect(agreed).toBeGreaterThan(answers.length / 4);
});

describe('params', () => {
  const rows = columns(signal(two));
  it('that scikit-learn refuses are refused at the door, and none that it takes', async () => {
    const values: Partial<Record<keyof Params, number>>[] = [
      ...[0, -1, 1e-300, 1e-10, 1e10].map((C) => ({ C })),
      ...[-1, 0.5, 1].map((max_iter) => ({ max_iter })),
      ...[-1, 1e-300, 1].map((tol) => ({ tol })),
      ...[-0.1, 0, 1, 1.5, 0.5, 0.05].map((test_size) => ({ test_size })),
      ...[-1, 0.5, 0, 2 ** 32 - 1, 2 ** 32, 2 ** 53].map((seed) => ({ seed })),
    ];
    const answers = await ask<'experiment'>(
      values.map((params) => question({ rows, labels: two, params })),
    );
    values.forEach((params, i) => {
      const accepted = paramsSchema.safeParse(params).success;
      expect(accepted, JSON.stringify(params)).toBe(!isRefusal(answers[i]!));
      if (accepted)
        expectSame(solve({ rows, labels: two, params }), answers[i] as ReferenceExperiment);
    });
  });
});

function question({ rows, labels, params }: Problem) {
  const source = { kind: 'rows', rows, labels, target: 'y' } as const;
  return { op: 'experiment', source, params: { ...DEFAULTS, ...params } } as const;
}

function solve({ rows, labels, params }: Problem): ReturnType<typeof runOurs> {
  const data = {
    input: { rows },
    codes: Int32Array.from(labels),
    classCount: Math.max(...labels) + 1,
  };
  return runOurs(data, { ...DEFAULTS, ...params });
}

function randomParams(seed: number): Partial<Params> {
  const random = createRandomState(seed + 5000);
  const pick = (from: readonly number[]): number => from[between(random, 0, from.length - 1)]!;
  return {
    C: 10 ** between(random, -10, 10),
    max_iter: pick([1, 2, 5, 20, 1000, 1000, 1000, 1000]),
    tol: 10 ** between(random, -12, 0),
    test_size: pick([0.05, 0.2, 0.2, 0.5, 0.8]),
    seed: pick([0, 1, 42, 2 ** 32 - 1]),
  };
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.every((value, i) => value === b[i]);
