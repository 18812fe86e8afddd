import { join } from 'node:path';

import type { DatasetRef } from '../schemas/dataset.ts';
import type { ExperimentInput } from '../schemas/experiment.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { fitting, HISTORY_ROOM } from './history-room.ts';
import { demandSameData } from './demanded-data.ts';
import { checkGateMetric } from './registration-gate.ts';
import { readContext, selectionOf } from './selection.ts';
import { stepContext } from './step-context.ts';

/** load: copies and hashes the source anew at each attempt, checks its values, and stores the dataset. */
export function createLoadDataset({ sources, blobs, limits }: ActivityDependencies) {
  return async (request: ExperimentInput): Promise<DatasetRef> => {
    const { workflowId } = stepContext();
    return blobs.withScratch(async (scratch) => {
      const path = join(scratch, 'dataset');
      const context = readContext(request, limits, scratch);
      const loaded = await sources.load(request.source, selectionOf(request), context, path);
      checkGateMetric(request.register?.metric, loaded.classCount);
      const blob = await blobs.putFile(`runs/${workflowId}/dataset`, path);
      demandSameData(request.demandedData, { ...blob, sourceSha256: loaded.sourceSha256 });
      return {
        ...loaded,
        columns: fitting(loaded.columns, HISTORY_ROOM.columns),
        classes: fitting(loaded.classes, HISTORY_ROOM.classes),
        blob,
      };
    });
  };
}
