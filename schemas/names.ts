/** Names that server, workflow and worker share. Plain constants: workflow code may import them. */

export const TASK_QUEUE = 'experiments';

/** Kinds of work, each with a task queue and slots of its own. */
export const QUEUES = ['steps', 'training'] as const;
export type Queue = (typeof QUEUES)[number];

/** The task queue of a kind of work. Workflows and all but trainings go by the setting's own name. */
export function taskQueueOf(queue: Queue, base: string): string {
  return queue === 'training' ? `${base}-training` : base;
}

export const EXPERIMENT_WORKFLOW = 'runExperiment';
export const INSPECTION_WORKFLOW = 'inspectSource';

/** Header of Temporal that holds a TraceCarrier; the name that Temporal’s own interceptors use. */
export const TRACE_HEADER = '_tracer-data';
/** Header that tells a step its MLflow run, for log lines and spans alone. */
export const RUN_HEADER = 'mlflow-run-id';

/** Id of an execution’s own span, known before anything of it has run. @param runId of Temporal, a UUID */
export function runSpanId(runId: string): string {
  return runId.replaceAll('-', '').slice(16);
}

/** Signal of mlflow_retry_run to the execution that its reset has made. */
export const RETRIED = 'retried';

/** The steps of a run in their order; `activity` is the activity type seen in the Temporal UI. */
export const STEPS = {
  validate: 'validateSource',
  reuse: 'findReusableRun',
  open: 'openRun',
  load: 'loadDataset',
  split: 'splitDataset',
  train: 'trainModel',
  evaluate: 'evaluateModel',
  log: 'logRun',
  register: 'registerModel',
  close: 'closeRun',
} as const;
export type StepName = keyof typeof STEPS;

/** Steps of runs that ask for them. */
export const OPTIONAL_STEPS: readonly StepName[] = ['reuse', 'register'];

/** The step that an activity type is; null for none of ours. */
export function stepOf(activityType: string): StepName | null {
  const found = Object.entries(STEPS).find(([, activity]) => activity === activityType);
  return found ? (found[0] as StepName) : null;
}

/** Tags of every MLflow run. */
export const TAGS = {
  workflowId: 'temporal.workflow_id',
  temporalRunId: 'temporal.run_id',
  namespace: 'temporal.namespace',
  experimentHash: 'experiment.hash',
  datasetHash: 'dataset.sha256',
  codeVersion: 'code.version',
  caller: 'caller',
  tenant: 'tenant',
  failureCode: 'failure.code',
  failureStep: 'failure.step',
  failureMessage: 'failure.message',
  failureHint: 'failure.hint',
  warnings: 'warnings',
  modelId: 'model.id',
  modelBytes: 'model.bytes',
  reportFiles: 'report.files',
  rerunOf: 'rerun_of',
} as const;
