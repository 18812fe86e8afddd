import { createCloseRun } from './close-run.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { createEvaluateModel } from './evaluate-model.ts';
import { createFindReusableRun } from './find-reusable-run.ts';
import { createInspectSource } from './inspect-source.ts';
import { createLoadDataset } from './load-dataset.ts';
import { createLogRun } from './log-run.ts';
import { createOpenRun } from './open-run.ts';
import { createRegisterModel } from './register-model.ts';
import { createReopenRun } from './reopen-run.ts';
import { createSplitDataset } from './split-dataset.ts';
import { createTrainModel } from './train-model.ts';
import { createValidateSource } from './validate-source.ts';

/** Every step under the name by which workflows call it. */
export function createActivities(deps: ActivityDependencies) {
  return {
    validateSource: createValidateSource(deps),
    findReusableRun: createFindReusableRun(deps),
    openRun: createOpenRun(deps),
    reopenRun: createReopenRun(deps),
    loadDataset: createLoadDataset(deps),
    splitDataset: createSplitDataset(deps),
    trainModel: createTrainModel(deps),
    evaluateModel: createEvaluateModel(deps),
    logRun: createLogRun(deps),
    registerModel: createRegisterModel(deps),
    closeRun: createCloseRun(deps),
    inspectSource: createInspectSource(deps),
  };
}

export type Activities = ReturnType<typeof createActivities>;
