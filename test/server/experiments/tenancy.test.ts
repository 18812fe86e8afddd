import { describe, expect, it } from 'vitest';

import { EXPERIMENT_WORKFLOW } from '../../../schemas/names.ts';
import { createTenancy } from '../../../server/experiments/tenancy.ts';
import { readWorkflow } from '../../../server/experiments/workflow-record.ts';

const tenants = ['default', 'acme', 'acme-2', 'a'].map(createTenancy);
const [alone, acme] = tenants as [ReturnType<typeof createTenancy>, (typeof tenants)[0]];
const others = (own: (typeof tenants)[0]) => tenants.filter((tenancy) => tenancy !== own);

describe.each(tenants.map((tenancy) => [tenancy.tenant, tenancy] as const))(
  'the tenant %s',
  (_name, tenancy) => {
    const ids = [tenancy.workflowId(), tenancy.workflowId('a key'), tenancy.workflowId('.~/')];

    it('knows its own ids, and keeps those of MLflow as they are', () => {
      expect(ids.map(tenancy.ownId)).toEqual(ids);
      expect(tenancy.ownId('0123456789abcdef0123456789abcdef')).toMatch(/^[0-9a-f]{32}$/);
      expect(tenancy.workflowId('a key')).toBe(ids[1]);
    });

    it('finds nothing under an id of another', () => {
      for (const other of others(tenancy)) {
        for (const id of ids) {
          expect(other.ownId(id)).not.toBe(id);
          expect(other.ownId(id)).toMatch(/^experiment-(?:[a-z0-9-]+\.)?foreign-[0-9a-f]{32}$/);
        }
      }
    });

    it.each(['demo', 'a b/c: d', '~demo', 'acme~demo', '~acme~demo', 'acme-2~a~x', '~~a~', 'a~'])(
      'has the name %s for itself',
      (name) => {
        const qualified = tenancy.qualified(name);
        expect(tenancy.shown(qualified)).toBe(name);
        expect(others(tenancy).map(({ shown }) => shown(qualified))).toEqual([
          ...others(tenancy).map(() => undefined),
        ]);
      },
    );

    it('owns the runs that bear its tag', () => {
      expect(tenancy.ownsRun({ tenant: tenancy.tenant })).toBe(true);
      expect(others(tenancy).some(({ ownsRun }) => ownsRun({ tenant: tenancy.tenant }))).toBe(
        false,
      );
    });
  },
);

it('keeps the names and ids of a server without tenants', () => {
  expect(alone.qualified('demo')).toBe('demo');
  expect(alone.workflowId()).toMatch(/^experiment-[0-9a-f-]{36}$/);
  expect(alone.ownId('experiment-key-12')).toBe('experiment-key-12');
  expect(alone.blobName('inline/records')).toBe('inline/records');
  expect(alone.ownsRun({})).toBe(true);
  expect(acme.ownsRun({})).toBe(false);
  expect(acme.qualified('demo')).toBe('acme~demo');
});

describe('a workflow', () => {
  const started = (memo: object | undefined) => ({
    getHandle: () => ({
      describe: async () => ({ type: EXPERIMENT_WORKFLOW, runId: 'r', memo, raw: {} }),
      fetchHistory: async () => ({ events: [] }),
    }),
  });
  const read = (memo: object | undefined, tenancy: ReturnType<typeof createTenancy>) => {
    const client = { workflow: started(memo), options: { loadedDataConverter: {} } };
    return readWorkflow({ client: client as never, tenancy }, 'whatever id');
  };

  it('is known to the tenant in its memo alone, whatever its id', async () => {
    expect(await read({ tenant: 'acme' }, acme)).toBeDefined();
    expect(await read({ tenant: 'acme' }, alone)).toBeUndefined();
    expect(await read(undefined, alone)).toBeDefined();
    expect(await read(undefined, acme)).toBeUndefined();
    expect(await read({ tenant: 'acme-2' }, acme)).toBeUndefined();
  });
});
