import { Failure } from '../schemas/failure.ts';
import type { Inspection, InspectionInput } from '../schemas/inspection.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { chooseColumns } from './inspection/choose-columns.ts';
import { inspectionOf, type InspectedSource } from './inspection/inspection.ts';
import { lookInto, NOTHING_SEEN } from './inspection/look-into.ts';
import { problemOf } from './inspection/problem.ts';
import {
  isOutage,
  PATIENCE,
  startReadingTime,
  type ReadingTime,
} from './inspection/reading-time.ts';
import { readContext, selectionOf } from './selection.ts';
import type { ReadContext } from './sources/source-types.ts';

/**
 * Reads a source as a run would, up to where the training begins, and tells all that a run would be
 * refused for. Keeps nothing and logs nothing. @throws Failure for an outage only
 */
export function createInspectSource(deps: ActivityDependencies, patience = PATIENCE) {
  const { sources, blobs, limits } = deps;

  async function inspect(request: InspectionInput, time: ReadingTime): Promise<InspectedSource> {
    const { source } = request;
    const wanted = selectionOf(request);
    const within = <T>(use: (context: ReadContext) => Promise<T>): Promise<T> =>
      blobs.withScratch((scratch) => {
        const context = readContext({ limits: {}, tenant: request.tenant }, time.limits, scratch);
        return use({ ...context, signal: AbortSignal.any([context.signal, time.signal]) });
      });
    try {
      const columns = await within((context) => sources.columns(source, wanted, context));
      const chosen = chooseColumns(columns, wanted, limits.maxColumns);
      const { selection, standIn } = chosen;
      const looked = selection
        ? await lookInto(deps, { request, columns, selection, standIn, time, within })
        : NOTHING_SEEN;
      const refused = chosen.refusals.map(({ failure, parts }) =>
        problemOf(failure, source, parts),
      );
      return {
        ...{ source, columns, wanted },
        looked: {
          ...looked,
          problems: [...refused, ...looked.problems],
          warnings: [...chosen.assumptions, ...looked.warnings],
        },
      };
    } catch (error) {
      if (!(error instanceof Failure) || isOutage(error)) throw error;
      const outcome = time.isOver(error)
        ? { warnings: [time.readNone] }
        : { problems: [problemOf(error, source)] };
      return { source, columns: [], wanted, looked: { ...NOTHING_SEEN, ...outcome } };
    }
  }

  return async (request: InspectionInput): Promise<Inspection> => {
    const time = startReadingTime(limits, patience);
    try {
      return inspectionOf(await inspect(request, time));
    } finally {
      time.end();
    }
  };
}
