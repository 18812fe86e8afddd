import { proxyActivities, workflowInfo } from '@temporalio/workflow';

import type { Activities } from '../activities/index.ts';
import { taskQueueOf } from '../schemas/names.ts';
import { POLICIES } from './policies.ts';

/**
 * The steps as workflow code calls them: each with its policy and the line that the Temporal UI
 * shows beside it. The only place where activity proxies are made.
 */
export const { validateSource } = proxyActivities<Activities>({
  ...POLICIES.quick,
  summary: 'Check the source: shape, permission, existence, columns',
});
export const { findReusableRun } = proxyActivities<Activities>({
  ...POLICIES.data,
  summary: 'Look for a finished run of the same data, params and code',
});
export const { openRun } = proxyActivities<Activities>({
  ...POLICIES.tracking,
  summary: 'Open the MLflow run',
});
export const { reopenRun } = proxyActivities<Activities>({
  ...POLICIES.quick,
  summary: 'Set the MLflow run to RUNNING again after a reset',
});
export const { loadDataset } = proxyActivities<Activities>({
  ...POLICIES.data,
  summary: 'Load, hash and check the data',
});
export const { splitDataset } = proxyActivities<Activities>({
  ...POLICIES.compute,
  summary: 'Split into train and test rows',
});
/** Long trainings must not keep the short steps of other runs waiting. */
export const trainModel: Activities['trainModel'] = (input) =>
  proxyActivities<Activities>({
    ...POLICIES.compute,
    taskQueue: taskQueueOf('training', workflowInfo().taskQueue),
    summary: 'Train the model',
  }).trainModel(input);
export const { evaluateModel } = proxyActivities<Activities>({
  ...POLICIES.compute,
  summary: 'Evaluate on the test rows',
});
export const { logRun } = proxyActivities<Activities>({
  ...POLICIES.tracking,
  summary: 'Log params, metrics and artifacts to MLflow',
});
export const { registerModel } = proxyActivities<Activities>({
  ...POLICIES.tracking,
  summary: 'Register the model behind its gate',
});
export const { closeRun } = proxyActivities<Activities>({
  ...POLICIES.tracking,
  summary: 'Close the MLflow run',
});
export const { inspectSource } = proxyActivities<Activities>({
  ...POLICIES.look,
  summary: 'Look at the source: columns, missing values, classes',
});
