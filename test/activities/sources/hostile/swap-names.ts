/**
 * Entry of a process that never stops swapping what two names mean, each for what another one in a
 * cupboard is: `data.csv` itself, and the folder of `sub/data.csv`. Arguments: folder, seed.
 */
import { linkSync, lstatSync, readlinkSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';

import { createDraws } from '../../../faults/draws.ts';

const [folder = '', seed] = process.argv.slice(2);
const parent = process.ppid;
const draws = createDraws(Number(seed));

/** Puts the same thing in another place at once, whatever is there. */
function put(thing: string, place: string): void {
  const fresh = `${place}.fresh`;
  const found = join(folder, 'cupboard', thing);
  if (lstatSync(found).isSymbolicLink()) symlinkSync(readlinkSync(found), fresh);
  else linkSync(found, fresh);
  renameSync(fresh, place);
  // Of two links to one file, the system keeps both.
  rmSync(fresh, { force: true });
}

const file = join(folder, 'root', 'data.csv');
const sub = join(folder, 'root', 'sub');
process.send?.('ready');
while (process.ppid === parent) {
  put(draws.pick(['file', 'file', 'file', 'link', 'zero', 'pipe']), file);
  if (draws.chance(0.2)) rmSync(file);
  if (draws.chance(0.6)) continue;
  renameSync(sub, `${sub}.away`);
  put('folder', sub);
  if (draws.chance(0.3)) put('nowhere', sub);
  rmSync(sub);
  renameSync(`${sub}.away`, sub);
}
