import type { Neighbour } from '../routes/health.ts';

/** An answer is good for so long: anybody may ask for /health, and each time costs the neighbours work. */
const GOOD_FOR_MILLISECONDS = 1000;

/** Neighbours that are asked once a second at most, however many want to know. */
export function askedSeldom(neighbours: readonly Neighbour[]): Neighbour[] {
  return neighbours.map(({ name, check }) => {
    let answer: Promise<void> | undefined;
    let askedAt = -Infinity;
    return {
      name,
      check(signal) {
        const now = performance.now();
        if (!answer || now - askedAt > GOOD_FOR_MILLISECONDS) {
          answer = check(signal);
          askedAt = now;
        }
        return answer;
      },
    };
  });
}
