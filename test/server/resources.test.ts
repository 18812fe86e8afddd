import { describe, expect, it } from 'vitest';

import { readRunResource } from '../../server/resources/run-resources.ts';
import type { RunName } from '../../server/experiments/get-run.ts';

const asked: string[] = [];
const experiments = {
  get: ({ run_id }: RunName) => Promise.resolve({ run_id } as never),
  audit: ({ run_id }: RunName) => Promise.resolve({ trail: run_id } as never),
  reportFile: ({ run_id }: RunName, name: string) => {
    asked.push(`${run_id}/${name}`);
    return Promise.resolve(Buffer.from(`<${name}>`));
  },
};
const read = (uri: string) => readRunResource(experiments, uri);

describe('the resources of a run', () => {
  it('are its report, the files of it, its history and its audit trail', async () => {
    expect(await read('run://r1/report')).toEqual({
      ...{ uri: 'run://r1/report', mimeType: 'text/markdown', text: '<card.md>' },
    });
    expect(await read('run://experiment-1/report/per_class.csv')).toMatchObject({
      ...{ mimeType: 'text/csv', text: '<per_class.csv>' },
    });
    expect(await read('run://r1/history')).toMatchObject({
      ...{ mimeType: 'application/json', text: '{"run_id":"r1"}' },
    });
    expect(await read('run://r1/audit')).toMatchObject({
      ...{ mimeType: 'application/json', text: '{"trail":"r1"}' },
    });
  });

  it('hold charts as images', async () => {
    const uri = 'run://r1/report/roc_curve.svg';
    const blob = Buffer.from('<roc_curve.svg>').toString('base64');
    expect(await read(uri)).toEqual({ uri, mimeType: 'image/svg+xml', blob });
  });

  it.each([
    'run://r1',
    'run://r1/report/',
    'run://r1/report/../model/model.onnx',
    'run://r1/report/..%2Fmodel.svg',
    'run://r1/report/a/b.svg',
    'run://r1/report/model.onnx',
    'run://r1/history/x.json',
    'run://r 1/report',
    'file:///etc/passwd',
    '',
  ])('are nothing else: %j', async (uri) => {
    asked.length = 0;
    expect(await read(uri)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
