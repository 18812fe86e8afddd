import { join } from 'node:path';

import { expect, it } from 'vitest';

import { lookLikeData } from '../../../../activities/sources/columns.ts';
import { readCsvHeader } from '../../../../activities/sources/csv/csv-header.ts';
import { createDatasetWriter } from '../../../../activities/sources/dataset-writer.ts';
import { createValueRows } from '../../../../activities/sources/sql/value-rows.ts';
import { createValueLabels } from '../../../../activities/sources/value-labels.ts';
import { LIMITS } from '../limits.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const LONG = 'x'.repeat(5 << 20);
const shape = { features: ['t'], target: 'y' };

async function textRows(limits = LIMITS) {
  const labels = createValueLabels();
  const path = join(await temporaryFolder(), 'dataset');
  const writer = await createDatasetWriter(path, {
    ...{ ...shape, task: 'text', limits, labels: labels.raw },
  });
  const selected = { features: [0], target: 1 };
  return { writer, rows: createValueRows({ task: 'text', ...selected, writer, labels }) };
}

it.each(['text', null])('long texts are not kept until a block is full (then %s)', async (last) => {
  const { writer, rows } = await textRows({ ...LIMITS, maxBytes: 12 << 20 });
  for (const text of [last, LONG, LONG]) {
    rows.put([text, 1]);
    if (rows.full()) await rows.commit();
  }
  expect(writer.rows()).toBeGreaterThan(0);
  expect(writer.full(0)).toBe(false);
  rows.put([LONG, 1]);
  await expect(rows.commit()).rejects.toMatchObject({ code: 'BYTE_LIMIT' });
  await writer.abandon();
});

it('a label is short', async () => {
  const { writer, rows } = await textRows();
  expect(() => rows.put(['a', LONG])).toThrow(
    expect.objectContaining({ code: 'BYTE_LIMIT' }) as Error,
  );
  await writer.abandon();
});

// Each would take hours if it took the square of its size.
it('a header of many names is read in time', () => {
  const names = Array.from({ length: 500_000 }, (_, i) => i.toString(36));
  const { names: read } = readCsvHeader(Buffer.from(`${names.join(',')}\n`), true);
  expect(read).toHaveLength(names.length);
});

it('a name of many digits is recognised in time', () => {
  const digits = '1'.repeat(4_000_000);
  expect(lookLikeData([{ name: `${digits}x`, type: 'text' }])).toBe(false);
  expect(lookLikeData([{ name: digits, type: 'text' }])).toBe(true);
});
