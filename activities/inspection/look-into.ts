import { join } from 'node:path';

import type { Column, Selection } from '../../schemas/dataset.ts';
import { Failure } from '../../schemas/failure.ts';
import type { Inspection, InspectionInput, Problem } from '../../schemas/inspection.ts';
import type { ActivityDependencies } from '../dependencies.ts';
import { SourceRefused, type ClassBalance, type Survey } from '../sources/source-refused.ts';
import type { ReadContext } from '../sources/source-types.ts';
import { codeOfFault, type ColumnFault } from '../sources/value-findings.ts';
import { balanceOfDataset, planRun, planSplit } from './plan.ts';
import { problemOf, type Part } from './problem.ts';
import { isOutage, type ReadingTime } from './reading-time.ts';

/** What the rows of a source show. */
export interface Looked {
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
  readonly rows: number | null;
  readonly rowsRead: Inspection['rows_read'];
  /** What was read, as it was asked for: nobody asked for a stand-in. */
  readonly selection: Selection | null;
  readonly faults: readonly ColumnFault[];
  readonly balance: ClassBalance | null;
  readonly split: Inspection['split'];
}

export interface LookWish {
  readonly request: InspectionInput;
  readonly columns: readonly Column[];
  readonly selection: Selection;
  /** True when nobody asked for the features. */
  readonly standIn: boolean;
  /** True when a wrong feature is read as what it is. */
  readonly otherTask?: boolean;
  readonly time: ReadingTime;
  /** Calls `use` with a context whose scratch folder is its own. */
  readonly within: <T>(use: (context: ReadContext) => Promise<T>) => Promise<T>;
}

/** What a source shows that can’t be read. */
export const NOTHING_SEEN: Looked = {
  ...{ problems: [], warnings: [], rows: null, rowsRead: 'none', selection: null },
  ...{ faults: [], balance: null, split: null },
};

/**
 * Loads the selected columns as a run would, and again without those that can't be loaded.
 * @throws Failure for an outage
 */
export async function lookInto(deps: ActivityDependencies, wish: LookWish): Promise<Looked> {
  try {
    return await load(deps, wish);
  } catch (error) {
    if (!(error instanceof Failure) || isOutage(error)) throw error;
    const { survey, wrongFeatures } = error instanceof SourceRefused ? error.evidence : {};
    if (survey) return surveyed(survey, wish);
    if (wish.time.isOver(error)) return { ...NOTHING_SEEN, warnings: [wish.time.readNone] };
    const problems = wish.standIn ? [] : [problemOf(error, wish.request.source)];
    const rest = wrongFeatures && withoutFeatures(wish, wrongFeatures);
    if (!rest) return { ...NOTHING_SEEN, problems };
    const looked = await lookInto(deps, rest);
    return { ...looked, problems: [...problems, ...looked.problems] };
  }
}

function load(
  { sources, compute }: ActivityDependencies,
  { request, selection, standIn, within }: LookWish,
): Promise<Looked> {
  return within(async (context) => {
    const path = join(context.scratch, 'dataset');
    const dataset = await sources.load(request.source, selection, context, path);
    const balance = await balanceOfDataset(dataset, path);
    const { params } = request;
    const plan = standIn
      ? planSplit(dataset, params)
      : await planRun(dataset, path, { params, compute });
    return {
      ...NOTHING_SEEN,
      problems: plan.refusals.map((failure) => problemOf(failure, request.source)),
      warnings: plan.warnings,
      ...{ rows: dataset.rows, rowsRead: 'all', balance, split: plan.split },
      selection: standIn ? null : selection,
    };
  });
}

function surveyed(survey: Survey, { request, selection, standIn, time }: LookWish): Looked {
  const { rows, ended, balance, faults } = survey;
  const { source, params } = request;
  const inTime = ended && time.isOver(ended) ? time.readSome(rows) : undefined;
  const values = standIn
    ? []
    : survey.values.map((failure) => {
        const found = faults.filter(({ fault }) => codeOfFault(fault) === failure.code);
        return problemOf(failure, source, partsOf(found, selection));
      });
  const plan =
    !ended && balance && balance.classCount > 1
      ? planSplit({ rows, classCount: balance.classCount }, params)
      : undefined;
  return {
    problems: [
      ...(ended && inTime === undefined ? [problemOf(ended, source)] : []),
      ...values,
      ...(survey.labels ? [problemOf(survey.labels, source, ['target'])] : []),
      ...(plan?.refusals ?? []).map((failure) => problemOf(failure, source)),
    ],
    warnings: inTime === undefined ? [] : [inTime],
    ...{ rows, balance, rowsRead: ended ? 'some' : 'all', split: null },
    selection: standIn ? null : selection,
    faults: standIn ? [] : faults,
  };
}

function partsOf(faults: readonly ColumnFault[], { target }: Selection): Part[] {
  return [...new Set(faults.map(({ column }) => (column === target ? 'target' : 'features')))];
}

/** The other features, or one of the wrong ones as what it is: the target can be looked at all the same. */
function withoutFeatures(wish: LookWish, wrong: readonly string[]): LookWish | null {
  const { columns, selection, otherTask } = wish;
  const { target, task } = selection;
  const asked = selection.features ?? columns.map(({ name }) => name);
  const features = asked.filter((name) => name !== target && !wrong.includes(name));
  if (features.length > 0) return { ...wish, selection: { ...selection, features } };
  const [first] = wrong;
  if (otherTask || first === undefined) return null;
  const other = task === 'text' ? 'tabular' : 'text';
  const kept: Selection = { target, task: other, features: [first] };
  return { ...wish, selection: kept, standIn: true, otherTask: true };
}
