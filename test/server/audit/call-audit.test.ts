import { pino } from 'pino';
import { describe, expect, it } from 'vitest';

import type { AuditLog } from '../../../platform/audit/audit-log.ts';
import type { Recorded } from '../../../platform/audit/new-event.ts';
import { openAuditDatabase } from '../../../platform/audit/database/open-database.ts';
import { DEFAULT_TENANT, openCaller, type Scope } from '../../../schemas/caller.ts';
import { Failure } from '../../../schemas/failure.ts';
import { announcedExperiments } from '../../../server/audit/announced-experiments.ts';
import { createCallAudit } from '../../../server/audit/call-audit.ts';
import type { Refusal } from '../../../server/audit/refusals.ts';
import type { Experiments } from '../../../server/experiments/experiments.ts';
import { createTenancy } from '../../../server/experiments/tenancy.ts';
import { createRate } from '../../../server/limits/rate.ts';
import { ratedExperiments } from '../../../server/limits/rated-experiments.ts';
import { createCallTool } from '../../../server/tools/call-tool.ts';
import { TOOLS } from '../../../server/tools/index.ts';
import { createDoors, failedRun, fileRequest } from '../fake-experiments.ts';

const away = new Failure('AUDIT_UNAVAILABLE', 'The log can’t be written.', 'Mend it.');
const notFound = new Failure('RUN_NOT_FOUND', 'There is no such run.', 'Use another.');

/** Tools over fakes, with a note of all that happens, in its order. */
function recordedTools(overrides: Partial<Experiments> = {}, open = true) {
  const happened: string[] = [];
  const events: Recorded[] = [];
  const refusals: Refusal[] = [];
  let fails = (_event: Recorded): boolean => false;
  const log: Pick<AuditLog, 'record' | 'database'> = {
    database: openAuditDatabase({ path: ':memory:' }),
    async record(...recorded) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      for (const event of recorded) {
        if (fails(event)) throw away;
        events.push(event);
        happened.push(event.name);
      }
    },
  };
  const fake = createDoors(overrides).options.experimentsOf();
  const noted = Object.fromEntries(
    Object.entries(fake).map(([name, operation]) => [
      name,
      async (...args: unknown[]) => {
        happened.push(name);
        return (operation as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as unknown as Experiments;
  const rate = createRate(4);
  const callTool = createCallTool({
    tools: TOOLS,
    logger: pino({ level: 'silent' }),
    calls: createCallAudit({ log, refusals: { add: (one) => refusals.push(one) }, open }),
    experimentsOf: (caller, announce = async () => undefined) =>
      ratedExperiments(
        announcedExperiments(noted, createTenancy(caller.tenant), announce),
        caller,
        rate,
      ),
  });
  const call = (name: string, args: unknown, scopes?: readonly Scope[]) =>
    callTool(name, args, {
      signal: new AbortController().signal,
      caller: { ...openCaller('ann'), ...(scopes && { scopes }) },
      defaultWaitSeconds: 1,
    });
  return {
    ...{ call, happened, events, refusals },
    fieldsOf: (name: Recorded['name']) =>
      events.filter((event) => event.name === name).map(({ fields }) => fields as object),
    failOn: (name: Recorded['name'] | undefined) => (fails = (event) => event.name === name),
  };
}

describe('a call that changes something', () => {
  it('is in the log before it is made, and its end before it is answered', async () => {
    const { call, happened, events, fieldsOf } = recordedTools();
    const outcome = await call('mlflow.run_experiment', { ...fileRequest, idempotency_key: 'k' });
    expect(outcome).toMatchObject({ ok: true });
    expect(happened).toEqual(['tool.requested', 'start', 'wait', 'tool.answered']);
    const workflowId = createTenancy(DEFAULT_TENANT).workflowId('k');
    const [requested] = fieldsOf('tool.requested') as [Record<string, unknown>];
    expect(requested).toMatchObject({
      ...{ 'user.id': 'ann', 'gen_ai.tool.name': 'mlflow_run_experiment' },
      ...{ decision: 'allowed', rule: 'open server', 'temporal.workflow_id': workflowId },
    });
    expect(events[0]?.secrets).toMatchObject([
      { commitment: requested['arguments.commitment'], workflow_id: workflowId },
    ]);
    expect(fieldsOf('tool.answered')).toMatchObject([
      { outcome: 'completed', 'mlflow.run_id': 'r1', 'request.id': requested['request.id'] },
    ]);
  });

  it('is not made when it can’t be recorded', async () => {
    const { call, happened, failOn } = recordedTools();
    failOn('tool.requested');
    const tries = {
      mlflow_run_experiment: fileRequest,
      mlflow_retry_run: { run_id: 'r1', reason: 'again' },
      mlflow_cancel_run: { run_id: 'r1' },
    };
    for (const [tool, args] of Object.entries(tries)) {
      expect(await call(tool, args)).toMatchObject({ failure: { code: 'AUDIT_UNAVAILABLE' } });
    }
    expect(happened).toEqual([]);
  });

  it('that was made is not answered as if it had not been when its end can’t be recorded', async () => {
    const { call, happened, failOn } = recordedTools();
    failOn('tool.answered');
    expect(await call('mlflow_run_experiment', fileRequest)).toMatchObject({
      failure: {
        ...{ code: 'AUDIT_UNAVAILABLE', workflow_id: expect.any(String) as string, run_id: 'r1' },
        message: 'The call was made, but its end could not be written into the audit log.',
      },
    });
    expect(happened).toEqual(['tool.requested', 'start', 'wait']);
  });

  it('bears the code and the ids of its failure', async () => {
    const { call, fieldsOf } = recordedTools({ wait: () => Promise.reject(failedRun) });
    expect(await call('mlflow_run_experiment', fileRequest)).toMatchObject({ ok: false });
    expect(fieldsOf('tool.answered')).toMatchObject([
      {
        ...{ outcome: 'failed', 'error.type': 'ONE_CLASS', 'mlflow.run_id': 'r2' },
        'temporal.workflow_id': 'experiment-2',
      },
    ]);
  });
});

describe('a call that reads', () => {
  it('goes on while it is recorded, and is answered when it is', async () => {
    const view = { run_id: 'r1', params: {}, artifacts: [], warnings: [], steps: [], metrics: {} };
    const { call, happened } = recordedTools({
      follow: async () => ({ ...view, next_poll_seconds: null }) as never,
    });
    expect(await call('mlflow_get_run', { run_id: 'r1' })).toMatchObject({ ok: true });
    expect(happened).toEqual(['follow', 'tool.requested']);
  });

  it('has its end in the log only when it fails', async () => {
    const { call, happened, fieldsOf } = recordedTools({ follow: () => Promise.reject(notFound) });
    expect(await call('mlflow_get_run', { run_id: 'r1' })).toMatchObject({
      failure: { code: 'RUN_NOT_FOUND' },
    });
    expect(happened).toEqual(['follow', 'tool.requested', 'tool.answered']);
    expect(fieldsOf('tool.answered')).toMatchObject([
      { outcome: 'failed', 'error.type': 'RUN_NOT_FOUND' },
    ]);
  });

  it('is not answered when it can’t be recorded', async () => {
    const { call, failOn } = recordedTools({ list: async () => ({ runs: [] }) as never });
    failOn('tool.requested');
    expect(await call('mlflow_list_runs', {})).toMatchObject({
      failure: { code: 'AUDIT_UNAVAILABLE' },
    });
  });
});

describe('a refused call', () => {
  it('is recorded with what decided', async () => {
    const { call, happened, fieldsOf } = recordedTools({}, false);
    const readers = ['runs:read'] as const;
    await call('x'.repeat(5000), { secret: 's3cret' });
    await call('mlflow_get_run', { run_id: 7, secret: 's3cret' });
    await call('mlflow_run_experiment', fileRequest, readers);
    await call('mlflow_list_runs', {}, readers);
    expect(fieldsOf('tool.requested')).toMatchObject([
      { decision: 'refused', rule: 'unknown tool', 'error.type': 'UNKNOWN_TOOL' },
      { decision: 'refused', rule: 'arguments', 'error.type': 'INVALID_REQUEST' },
      { decision: 'refused', rule: 'scope experiments:run', 'error.type': 'SCOPE_MISSING' },
      { decision: 'allowed', rule: 'scope runs:read', scopes: ['runs:read'] },
    ]);
    expect(happened.filter((what) => !what.startsWith('tool'))).toEqual(['list']);
  });

  it('stays refused, and is counted, when it can’t be recorded', async () => {
    const { call, refusals, failOn } = recordedTools();
    failOn('tool.requested');
    expect(await call('fly', {})).toMatchObject({ failure: { code: 'UNKNOWN_TOOL' } });
    expect(refusals).toMatchObject([{ code: 'UNKNOWN_TOOL', caller: { subject: 'ann' } }]);
  });

  it('for its rate is only counted, however often it comes', async () => {
    const { call, events, refusals } = recordedTools();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, () => call('mlflow_list_runs', {})),
    );
    const refused = outcomes.filter((one) => !one.ok && one.failure.code === 'RATE_LIMITED');
    expect(refused.length).toBeGreaterThan(25);
    expect(refusals).toHaveLength(refused.length);
    expect(events.filter(({ name }) => name === 'tool.requested')).toHaveLength(
      50 - refused.length,
    );
  });
});
