/** How many times the usual number of attacks a run tries: ATTACK_EFFORT, else 1. */
const EFFORT = Number(process.env['ATTACK_EFFORT'] ?? 1);

/** So many attacks, or as many times that as the run is asked for. */
export const attacks = (usual: number): number => Math.round(usual * EFFORT);

/** Shows figures where they are what a run is for. */
export function tell(...figures: unknown[]): void {
  if (EFFORT > 1) console.log(...figures);
}
