import type { Inspection, InspectionInput } from '../schemas/inspection.ts';
import { inspectSource as look } from './steps.ts';

/** Looks at a source for mlflow_validate_source: a worker has the rights to it, the server has not. */
export async function inspectSource(input: InspectionInput): Promise<Inspection> {
  return look(input);
}
