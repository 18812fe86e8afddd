/** How many times the usual number of random problems a run tries: LEARNING_EFFORT, else 1. */
const EFFORT = Number(process.env['LEARNING_EFFORT'] ?? 1);

/** Seeds of `count` random problems, times the effort. */
export function seeds(count: number): readonly number[] {
  return Array.from({ length: Math.round(count * EFFORT) }, (_, i) => 1000 + i);
}
