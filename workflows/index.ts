/** The one module that Temporal bundles: every workflow type by its name. */
export { inspectSource } from './inspect-source.ts';
export { runExperiment } from './run-experiment.ts';
