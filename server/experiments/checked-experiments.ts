import type { Experiments } from './experiments.ts';

/** The same experiments, with a check before each operation. @param check throws to refuse it */
export function checkedExperiments(
  experiments: Experiments,
  check: (operation: keyof Experiments) => void | Promise<void>,
): Experiments {
  const checked = Object.entries(experiments).map(([name, operation]) => [
    name,
    async (...args: unknown[]) => {
      await check(name as keyof Experiments);
      return (operation as (...args: unknown[]) => unknown)(...args);
    },
  ]);
  return Object.fromEntries(checked) as Experiments;
}
