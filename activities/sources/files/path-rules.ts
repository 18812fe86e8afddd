import { sep } from 'node:path';

import { Failure } from '../../../schemas/failure.ts';

/** A URL, a drive letter, or a path in a named root: what stands before and after the first “:”. */
export const NAMED_PATH = /^([A-Za-z][A-Za-z0-9+._-]*):(.*)$/s;

const REFUSALS: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u, what: 'control characters' },
  { pattern: NAMED_PATH, what: 'a URL scheme or a drive letter' },
  { pattern: /\\/, what: 'a backslash' },
  { pattern: /[*?[\]{}]/, what: 'wildcards' },
  { pattern: /(^|\/)~/, what: 'a “~”' },
  { pattern: /(^|\/)\.\.(\/|$)/, what: 'a “..”' },
];

/**
 * Refuses, before any file is touched, paths that mean more than one plain file.
 * @throws Failure PATH_NOT_ALLOWED
 */
export function checkPath(path: string): void {
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(path));
  if (refusal || path === '' || path.length > 1024) {
    throw pathNotAllowed(
      refusal ? `A path may not hold ${refusal.what}.` : 'A path has 1 to 1024 characters.',
    );
  }
}

/** True when `path` is `root` or lies below it; both absolute and normalised. */
export function isWithin(path: string, root: string): boolean {
  const folder = root.endsWith(sep) ? root : root + sep;
  return path === root || path.startsWith(folder);
}

export function pathNotAllowed(
  message: string,
  hint = 'Give a path relative to one of the server’s data roots, like “train.csv”.',
): Failure {
  return new Failure('PATH_NOT_ALLOWED', message, hint);
}

/** The failure for whatever leads out of the roots, there or not. */
export function outsideRoots(): Failure {
  return pathNotAllowed('The path leads outside the server’s data roots.');
}

/** The failure for a path beyond what the system takes. */
export function pathTooLong(): Failure {
  return pathNotAllowed('The path is too long.');
}
