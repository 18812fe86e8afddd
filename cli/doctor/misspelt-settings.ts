import { SETTING_NAMES } from '../../schemas/config.ts';
import { likelyMeant } from '../../platform/spelling.ts';
import { ok, problem, type Check, type CheckContext, type Finding } from './check.ts';

/** Shorter names are one letter away from too much. */
const SHORTEST = 6;

export const misspeltSettings: Check = {
  name: 'names of settings',
  async run({ environment }) {
    const findings = misspelt(environment);
    return findings.length > 0 ? findings : ok('No variable looks like a misspelt setting.');
  },
};

/** Variables that are one slip away from a setting, which would be ignored without a word. */
export function misspelt(environment: CheckContext['environment']): Finding[] {
  const known = new Set(SETTING_NAMES);
  return Object.keys(environment)
    .filter((name) => name.length >= SHORTEST && !known.has(name))
    .flatMap((name) => {
      const [meant] = likelyMeant(name, SETTING_NAMES).filter((one) => isOneSlip(name, one));
      return meant === undefined
        ? []
        : [problem(`${name} is no setting, and is ignored.`, `Did you mean ${meant}?`)];
    });
}

/** One letter too many, missing, wrong, or two neighbours swapped: more may well be another program’s variable. */
function isOneSlip(name: string, other: string): boolean {
  let start = 0;
  while (start < name.length && name[start] === other[start]) start += 1;
  let end = 0;
  const shorter = Math.min(name.length, other.length);
  while (end < shorter - start && name.at(-1 - end) === other.at(-1 - end)) end += 1;
  const [left, right] = [name, other].map((text) => text.slice(start, text.length - end));
  if (left === undefined || right === undefined) return false;
  if (left.length <= 1 && right.length <= 1) return true;
  return left.length === 2 && [...left].reverse().join('') === right;
}
