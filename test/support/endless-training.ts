import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createDraws } from '../faults/draws.ts';

const ROWS = 10_000;
const FEATURES = 12;
const LABELS = 50;

/**
 * Part of a request whose training goes on for minutes, for tests that look at it and then end it:
 * labels that have nothing to do with the features can't be told apart, and features of scales from
 * 1 to a millionth part keep the optimiser busy up to its last evaluation, the 15 000th.
 * @param data the data root, where its file is written
 */
export async function endlessTraining(data: string) {
  const draws = createDraws(7);
  const columns = Array.from({ length: FEATURES }, (_, j) => ({
    name: `f${j}`,
    scale: -Math.round((6 * j) / FEATURES),
  }));
  const header = [...columns.map(({ name }) => name), 'label'];
  const rows = Array.from({ length: ROWS }, () => [
    ...columns.map(({ scale }) => `${draws.below(1000)}e${scale}`),
    draws.below(LABELS),
  ]);
  const lines = [header, ...rows].map((cells) => cells.join(','));
  await writeFile(join(data, 'endless.csv'), `${lines.join('\n')}\n`);
  return {
    source: { kind: 'file', path: 'endless.csv', target: 'label' },
    params: { C: 1e9, tol: 1e-12, max_iter: 100_000 },
  };
}
