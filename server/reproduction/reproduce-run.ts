import type { RunLinks } from '../../platform/run-links.ts';
import type { RunAnswer } from '../../schemas/run-view.ts';
import { Failure, FAILURES } from '../../schemas/failure.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { soon } from '../experiments/soon.ts';
import { createTenancy } from '../experiments/tenancy.ts';
import { asTemporalCalls } from '../experiments/temporal-errors.ts';
import { compareRecords, type Comparison } from './compare-records.ts';
import { findOriginal, findRun, type FindRunDependencies } from './find-original.ts';
import { followRerun } from './follow-rerun.ts';
import { knownVersions, type KnownVersionsDependencies } from './known-versions.ts';
import type { RunRecord } from './run-record.ts';
import { startRerun, type StartRerunDependencies } from './start-rerun.ts';
import { versionRemarks } from './version-remarks.ts';

export type ReproductionDependencies = FindRunDependencies &
  StartRerunDependencies &
  KnownVersionsDependencies & { readonly links: RunLinks };

export interface ReproduceOptions {
  /** By either of its ids. */
  readonly run: string;
  /** Workflow of an earlier rerun that is to be compared, in place of a new one. */
  readonly rerun?: string | undefined;
  /** Ends the waiting, not the rerun. */
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

export interface ReproducedSide {
  readonly workflow_id: string;
  readonly run_id: string | null;
  readonly status: 'FINISHED' | 'FAILED';
  readonly links: RunAnswer['links'];
}

/** What came of a rerun, as it is printed. */
export interface Reproduction extends Comparison {
  readonly original: ReproducedSide;
  readonly rerun: ReproducedSide;
  /** On versions; they never change the verdict. */
  readonly remarks: readonly string[];
}

/** Thrown when the waiting was over before the rerun. */
export class StillGoing extends Error {
  override readonly name = 'StillGoing';
  readonly workflowId: string;

  constructor(workflowId: string) {
    super(`The rerun ${workflowId} goes on.`);
    this.workflowId = workflowId;
  }
}

/**
 * Runs a run again from its record, and compares what both came to.
 * @throws Failure when there is nothing to compare, or the rerun came to no answer; StillGoing
 */
export async function reproduceRun(
  deps: ReproductionDependencies,
  { run, rerun: earlier, signal, tell }: ReproduceOptions,
): Promise<Reproduction> {
  const { client } = deps;
  const atOnce = <T>(calls: () => Promise<T>): Promise<T> =>
    asTemporalCalls(() => soon(client, calls));
  const original = await atOnce(() => findOriginal(deps, run));
  const { tenant = DEFAULT_TENANT } = original.request;
  const workflowId = earlier ?? (await atOnce(() => startRerun(deps, original)));
  tell(
    `Run ${original.workflowId} is ${earlier === undefined ? 'done again' : 'compared'} as ${workflowId}`,
  );
  const ended = await asTemporalCalls(() =>
    followRerun({ client, tenancy: createTenancy(tenant) }, workflowId, { signal, tell }),
  );
  if (!ended) throw new StillGoing(workflowId);
  const rerun = await atOnce(() => findRun(deps, workflowId));
  demandRerun(original, rerun);
  demandAnswer(original, rerun);
  const [was, is] = await Promise.all([knownVersions(deps, original), knownVersions(deps, rerun)]);
  return {
    ...compareRecords(original, rerun),
    original: sideOf(deps.links, original),
    rerun: sideOf(deps.links, rerun),
    remarks: versionRemarks(was, is),
  };
}

/** Two runs that were never meant to be the same are no matter of reproducing. */
function demandRerun({ opened, workflowId }: RunRecord, { request }: RunRecord): void {
  if (request.rerunOf === opened?.runId) return;
  throw new Failure(
    'INVALID_REQUEST',
    `That run is no rerun of ${workflowId}.`,
    'Compare runs with mlflow_compare_runs, or leave --rerun out to start a rerun.',
  );
}

/** A rerun that was stopped, or that a neighbour’s absence has ended, says nothing about its original. */
function demandAnswer(original: RunRecord, { end, workflowId }: RunRecord): void {
  if (end.status === 'STOPPED') {
    throw new Failure(
      'CANCELLED',
      `The rerun ${workflowId} was stopped before it came to anything.`,
      'Reproduce the run again.',
    );
  }
  if (end.status !== 'FAILED') return;
  const { code, message, hint } = end.failure;
  const alike = original.end.status === 'FAILED' && original.end.failure.code === code;
  if (alike || FAILURES[code].retry !== 'outage') return;
  throw new Failure(code, `The rerun ${workflowId} came to no answer: ${message}`, hint);
}

function sideOf(links: RunLinks, { workflowId, opened, end }: RunRecord): ReproducedSide {
  return {
    workflow_id: workflowId,
    run_id: opened?.runId ?? null,
    status: end.status === 'FAILED' ? 'FAILED' : 'FINISHED',
    links: links.of(workflowId, opened),
  };
}
