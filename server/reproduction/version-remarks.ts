import type { RunVersions } from '../../platform/audit/lineage/run-versions.ts';

const KINDS: readonly (readonly [keyof RunVersions, string, string])[] = [
  ['code', 'Code', 'the code may compute otherwise'],
  ['dependencies', 'Libraries (lock file)', 'a library may compute otherwise'],
  ['node', 'Node', 'the runtime may compute otherwise'],
];

/** A line each on code, libraries and runtime: in both the same, or what each run had, or that nobody recorded it. */
export function versionRemarks(original: RunVersions, rerun: RunVersions): string[] {
  return KINDS.map(([kind, title, consequence]) => {
    const [was, is] = [inWords(original[kind]), inWords(rerun[kind])];
    if (was === undefined && is === undefined) return `${title}: not recorded.`;
    if (was === is) return `${title}: ${String(is)} in both${isDirty(is) ? DIRTY : ''}.`;
    const note = was === undefined || is === undefined ? '' : `; ${consequence}`;
    return `${title}: ${was ?? 'not recorded'} then, ${is ?? 'not recorded'} now${note}.`;
  });
}

/** The commit of a version does not tell what was changed and never committed. */
const DIRTY = ', with changes in no commit, which may differ';
const isDirty = (version: string | undefined): boolean => version?.includes('-dirty') ?? false;

function inWords(versions: readonly string[]): string | undefined {
  return versions.length === 0 ? undefined : versions.join(' and ');
}
