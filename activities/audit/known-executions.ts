import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Recorded } from '../../platform/audit/new-event.ts';
import { committed } from '../../platform/audit/commitment.ts';
import { eventsAbout } from '../../platform/audit/read-events.ts';
import { inTurn } from '../../platform/in-turn.ts';
import type { ExperimentInput } from '../../schemas/experiment.ts';
import type { ReadHistoryFacts } from './history-facts.ts';
import { saltOfRun } from './run-salt.ts';

export interface Execution {
  readonly chain: string;
  readonly workflowId: string;
  readonly runId: string;
}

/** Executions whose salt is remembered. */
const MOST_KNOWN = 10_000;
/** More than a workflow is ever reset. */
const MOST_EVENTS = 10_000;

/**
 * The salts of executions. The first attempt of one, in whatever worker, records that it started, and who
 * reset it if it comes from a reset.
 */
export function createKnownExecutions(
  log: AuditLog,
  {
    historyFacts,
    dependenciesHash,
  }: { readonly historyFacts: ReadHistoryFacts; readonly dependenciesHash: string },
) {
  const salts = new Map<string, string>();

  async function meet(execution: Execution, request: ExperimentInput | undefined): Promise<string> {
    await log.ready();
    const [salt, before] = await Promise.all([
      saltOfRun(log.database, execution),
      startsBefore(log, execution),
    ]);
    if (!before.includes(execution.runId)) {
      const resets = before.length > 0 ? await reset(execution) : [];
      await log.record(started(execution, request, salt), ...resets);
    }
    if (salts.size >= MOST_KNOWN) salts.clear();
    salts.set(execution.runId, salt.salt);
    return salt.salt;
  }

  function started(
    { chain, workflowId, runId }: Execution,
    request: ExperimentInput | undefined,
    salt: Awaited<ReturnType<typeof saltOfRun>>,
  ): Recorded {
    const asked = request && committed(redacted(request), workflowId);
    return {
      ...{ name: 'run.started', chain, id: `run/${runId}` },
      fields: {
        ...{ 'temporal.workflow_id': workflowId, 'temporal.run_id': runId },
        'user.id': request?.caller ?? '',
        ...(asked && { 'request.commitment': asked.commitment }),
        'salt.commitment': salt.commitment,
        ...(request?.rerunOf !== undefined && { rerun_of: request.rerunOf }),
        'dependencies.sha256': dependenciesHash,
      },
      secrets: asked ? [salt, asked] : [salt],
    };
  }

  async function reset(execution: Execution): Promise<Recorded[]> {
    const { chain, runId, workflowId } = execution;
    const { reset: found } = await historyFacts(execution);
    if (!found) return [];
    const reason = found.why === undefined ? undefined : committed(found.why, workflowId);
    return [
      {
        ...{ name: 'run.reset', chain, id: `reset/${runId}`, secrets: reason && [reason] },
        fields: {
          ...{ 'temporal.workflow_id': workflowId, 'temporal.run_id': runId },
          'temporal.base_run_id': found.baseRunId,
          'user.id': found.who,
          ...(reason && { 'reason.commitment': reason.commitment }),
        },
      },
    ];
  }

  /** The salt of an execution; recorded, like its start, when this returns. */
  return async (execution: Execution, request: ExperimentInput | undefined): Promise<string> =>
    salts.get(execution.runId) ??
    inTurn(
      `audit of ${execution.workflowId}`,
      async () => salts.get(execution.runId) ?? meet(execution, request),
    );
}

/** Executions of a workflow that are recorded already. */
async function startsBefore(log: AuditLog, { chain, workflowId }: Execution): Promise<string[]> {
  const about = { chain, subject: `workflow:${workflowId}`, limit: MOST_EVENTS };
  const events = await eventsAbout(log.database, { ...about, names: ['run.started'] });
  return events.flatMap((event) =>
    event['event.name'] === 'run.started' ? [event['temporal.run_id']] : [],
  );
}

/** Without what is sealed: it is a password to whoever has the key. */
function redacted(request: ExperimentInput): unknown {
  const { source } = request;
  if (source.kind !== 'sql' || !('sealed' in source.conn)) return request;
  return { ...request, source: { ...source, conn: source.conn.display } };
}
