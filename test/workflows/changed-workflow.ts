import type { ExperimentInput } from '../../schemas/experiment.ts';
import { loadDataset, validateSource } from '../../workflows/steps.ts';

/** A change that no running workflow would survive: the MLflow run is not opened before the data is loaded. */
export async function runExperiment(request: ExperimentInput): Promise<void> {
  await validateSource(request);
  await loadDataset(request);
}
