/** Tests of `npm test` that take more cases, or tries, when they are asked to. */
export interface Suite {
  readonly name: string;
  readonly remarks: string;
  /** What vitest is called with after `run`. */
  readonly tests: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export const suites: readonly Suite[] = [
  {
    name: 'numbers',
    remarks: 'scikit-learn and pandas beside ours, LEARNING_EFFORT=6',
    tests: ['--project', 'parity'],
    environment: { LEARNING_EFFORT: '6' },
  },
];
