import { randomUUID } from 'node:crypto';

import { Failure } from '../../schemas/failure.ts';
import {
  inspectionSchema,
  type Inspection,
  type ValidateSourceRequest,
} from '../../schemas/inspection.ts';
import { boundedInspection } from './bounded-inspection.ts';
import { runInspection, type RunInspectionDependencies } from './run-inspection.ts';
import { checkSize } from './start-experiment.ts';
import { storeSource, type StoreSourceDependencies } from './stored-source.ts';
import { tenantOf, type Tenancy } from './tenancy.ts';
import { asTemporalCalls } from './temporal-errors.ts';

export type InspectDependencies = StoreSourceDependencies &
  RunInspectionDependencies & { readonly tenancy: Tenancy };

/** Below the minute that clients allow a call. */
const PATIENCE_SECONDS = 45;

/** Has a worker look at a source; see {@link Experiments.inspect}. */
export async function inspectSource(
  deps: InspectDependencies,
  { source, model, params }: ValidateSourceRequest,
  signal: AbortSignal,
  seconds = PATIENCE_SECONDS,
): Promise<Inspection> {
  const workflowId = `inspection-${randomUUID()}`;
  const name = deps.tenancy.blobName(`inspections/${workflowId}`);
  const stored = await storeSource(deps, source, name).catch(refusal);
  if (stored instanceof Failure) return refusedConnection(stored);
  const input = {
    ...{ source: stored, params, tenant: tenantOf(deps.tenancy) },
    model: stored.kind === 'inline' ? ('logreg_text' as const) : model,
  };
  try {
    checkSize(input);
    const wait = { signal, seconds };
    const found = await asTemporalCalls(() => runInspection(deps, workflowId, { input, ...wait }));
    return boundedInspection(inspectionSchema.parse(found));
  } finally {
    // Nobody else reads them: a run that is started with the same records stores its own.
    if (stored.kind === 'inline') await deps.blobs.remove(stored.records.key);
  }
}

/** What a worker would say, too, is an answer and no error. */
function refusal(error: unknown): Failure {
  if (error instanceof Failure && error.code === 'CONNECTION_NOT_ALLOWED') return error;
  throw error;
}

function refusedConnection({ code, message, hint }: Failure): Inspection {
  return {
    ...{ ok: false, source: 'a connection string', would_run: null, rows: null, rows_read: 'none' },
    ...{ column_count: 0, columns: [], class_count: null, classes: [], split: null },
    problems: [{ code, field: 'source.conn', message, hint }],
    warnings: [],
  };
}
