import { Failure } from '../../../schemas/failure.ts';

const REFUSALS: readonly { pattern: RegExp; what: string }[] = [
  { pattern: /[\p{Cc}\p{Cf}]/u, what: 'control characters' },
  { pattern: /^[A-Za-z][A-Za-z0-9+.-]*:/, what: 'a URL scheme or a drive letter' },
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

export function pathNotAllowed(message: string): Failure {
  return new Failure(
    'PATH_NOT_ALLOWED',
    message,
    'Give a path relative to one of the server’s data roots, like “train.csv”.',
  );
}
