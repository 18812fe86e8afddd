import { expect, it } from 'vitest';

import { createRunLinks } from '../../platform/run-links.ts';

const bases = { mlflowUrl: 'http://m', temporalUiUrl: 'http://t', namespace: 'default' };
const run = { runId: 'r', experimentId: '7' };

it('links end at the workflow’s id: the UI takes what follows for the id of an execution', () => {
  expect(createRunLinks(bases).of('experiment-1', run)).toEqual({
    mlflow: 'http://m/#/experiments/7/runs/r',
    temporal: 'http://t/namespaces/default/workflows/experiment-1',
  });
});

it('leads nowhere rather than astray when nobody said where the UI is', () => {
  const links = createRunLinks({ ...bases, temporalUiUrl: null });
  expect(links.of('experiment-1', undefined)).toEqual({ mlflow: null, temporal: null });
});
