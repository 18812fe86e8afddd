import { expect, it } from 'vitest';

import { ownerOfBlob } from '../../../platform/storage/blob-keys.ts';

it.each([
  ['runs/experiment-1/dataset.ab12', 'default', 'dataset', 'experiment-1'],
  ['runs/experiment-acme.1/checkpoints/ab12', 'acme', 'checkpoints', 'experiment-acme.1'],
  ['inline/records.ab12', 'default', 'records', undefined],
  ['tenants/acme/inline/records.ab12', 'acme', 'records', undefined],
  ['tenants/acme/inspections/inspection-1.ab12', 'acme', 'inspection', 'inspection-1'],
  ['histories/experiment-acme.1/r.json.gz', 'acme', 'history', 'experiment-acme.1'],
  // None of ours, and so nobody's to remove.
  ['runs/experiment-1/notes.txt', 'default', undefined, 'experiment-1'],
  ['tenants/acme/runs/experiment-1/dataset.ab12', 'acme', undefined, undefined],
  ['inline/other.ab12', 'default', undefined, undefined],
  ['a', 'default', undefined, undefined],
])('tells whose %s is, and what', (key, tenant, kind, workflowId) => {
  expect(ownerOfBlob(key)).toEqual({ tenant, kind, ...(workflowId && { workflowId }) });
});
