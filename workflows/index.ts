/** The one module that Temporal bundles: every workflow type by its name. */
export { runExperiment } from './run-experiment.ts';
