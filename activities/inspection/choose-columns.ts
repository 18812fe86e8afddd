import { likelyMeant } from '../../platform/spelling.ts';
import type { Column, Selection } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import { lookLikeData, selectColumns } from '../sources/columns.ts';
import { shownName } from '../sources/shown-name.ts';
import type { Part } from './problem.ts';

/** Columns that can be looked at, and why they are not those that were asked for. */
export interface ChosenColumns {
  readonly refusals: readonly { readonly failure: Failure; readonly parts?: readonly Part[] }[];
  /** Null when nothing can be looked at. */
  readonly selection: Selection | null;
  /** True when only the target is what was asked for: a reading needs some feature. */
  readonly standIn: boolean;
  /** What is looked at in place of misspelt names. */
  readonly assumptions: readonly string[];
}

type Mended = Omit<ChosenColumns, 'refusals'>;

/** A selection can be wrong in its wishes, then its names, then their number. */
const MOST_MENDINGS = 3;

/** Checks a selection against a source's columns, and mends it so that the rest can be checked, too. */
export function chooseColumns(
  columns: readonly Column[],
  wanted: Selection,
  maxColumns: number,
): ChosenColumns {
  const refusals: { failure: Failure; parts?: readonly Part[] }[] = [];
  let mended: Mended = { selection: wanted, standIn: false, assumptions: [] };
  for (let mendings = 0; mendings < MOST_MENDINGS && mended.selection; mendings++) {
    const { selection } = mended;
    try {
      selectColumns(columns, selection, maxColumns);
      return { ...mended, refusals };
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      const parts = failure.code === 'COLUMN_NOT_FOUND' && unknownParts(columns, selection);
      refusals.push({ failure, ...(parts && parts.length > 0 && { parts }) });
      mended = mend(failure, columns, { ...mended, selection });
    }
  }
  return { ...mended, selection: null, refusals };
}

function mend(
  { code }: Failure,
  columns: readonly Column[],
  mended: Mended & { readonly selection: Selection },
): Mended {
  const { selection } = mended;
  switch (code) {
    case 'INVALID_REQUEST':
      return { ...mended, selection: withFeatures(selection, selection.features ?? []) };
    case 'COLUMN_NOT_FOUND':
      return lookLikeData(columns) || unknownParts(columns, selection).length === 0
        ? { ...mended, selection: null }
        : respelt(columns, mended);
    case 'COLUMN_NOT_TEXT': {
      const other = columns.find(({ name }) => name !== selection.target);
      const features = other ? [other.name] : [];
      return { ...mended, selection: withFeatures(selection, features), standIn: true };
    }
    default:
      return { ...mended, selection: null };
  }
}

/** Each feature once, and not the target; null when none is left. */
function withFeatures(selection: Selection, features: readonly string[]): Selection | null {
  const kept = [...new Set(features)].filter((name) => name !== selection.target);
  return kept.length === 0 ? null : { ...selection, features: kept };
}

/** The selection with names that exist: what an unknown one must have meant, or without it. */
function respelt(
  columns: readonly Column[],
  { selection, standIn, assumptions }: Mended & { readonly selection: Selection },
): Mended {
  const names = columns.map(({ name }) => name);
  const known = new Set(names);
  const assumed: string[] = [...assumptions];
  const respell = (name: string): string | undefined => {
    if (known.has(name)) return name;
    const meant = surelyMeant(name, names);
    if (meant !== undefined) {
      assumed.push(`Looked at ${shownName(meant)} in place of ${shownName(name)}.`);
    }
    return meant;
  };
  const target = respell(selection.target);
  const features = selection.features?.flatMap((name) => respell(name) ?? []);
  const mended = target === undefined ? null : { ...selection, target };
  return {
    selection: mended && features ? withFeatures(mended, features) : mended,
    standIn,
    assumptions: assumed,
  };
}

/** Of two letters every other pair would be a misspelling. */
const SHORTEST = 3;

function surelyMeant(name: string, names: readonly string[]): string | undefined {
  const meant = name.length < SHORTEST ? [] : likelyMeant(name, names);
  return meant.length === 1 ? meant[0] : undefined;
}

function unknownParts(
  columns: readonly Column[],
  { target, features = [] }: Selection,
): readonly Part[] {
  const known = new Set(columns.map(({ name }) => name));
  return [
    ...(known.has(target) ? [] : (['target'] as const)),
    ...(features.every((name) => known.has(name)) ? [] : (['features'] as const)),
  ];
}
