import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';

import { loadCsv, type CsvOptions } from '../../../../activities/sources/csv/load-csv.ts';
import { parseSection } from '../../../../activities/sources/csv/parse-section.ts';
import {
  startSectionThreads,
  type SectionThreads,
} from '../../../../activities/sources/csv/section-threads.ts';
import type { CsvLayout } from '../../../../activities/sources/csv/csv-rows.ts';
import { LIMITS } from '../limits.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const folder = await temporaryFolder();
let files = 0;

type Settings = CsvOptions & { features?: string[]; maxRows?: number };

/** What a load leads to: the dataset's bytes and its description, or the failure. */
async function outcome(content: string | Uint8Array, settings: Settings = {}) {
  const path = join(folder, `${++files}.csv`);
  const output = join(folder, `${files}.data`);
  await writeFile(path, content);
  const { features, maxRows = LIMITS.maxRows, ...options } = settings;
  const load = {
    path,
    output,
    limits: { ...LIMITS, maxRows },
    selection: { task: 'tabular', target: 'y', features } as const,
  };
  try {
    const result = await loadCsv(load, () => undefined, options);
    return { result, dataset: (await readFile(output)).toString('latin1') };
  } catch (error) {
    const { code, message, hint } = error as { code: string; message: string; hint: string };
    expect(code).toBeDefined();
    return { code, message, hint };
  }
}

/** Helpers in this thread, which answer after as many turns as they are told, one after another. */
function played(turns: readonly number[], capacity: number) {
  const told = { answers: 0 };
  const startHelpers = (layout: CsvLayout): SectionThreads => {
    let waiting = 0;
    return {
      capacity: () => capacity,
      offer(section) {
        if (waiting === capacity) return undefined;
        waiting++;
        const rows = parseSection(layout, section);
        const turn = turns[told.answers++ % turns.length]!;
        return (async () => {
          for (let i = 0; i < turn; i++) await nextTurn();
          waiting--;
          return rows;
        })();
      },
      close: () => undefined,
    };
  };
  return { told, startHelpers };
}

const HEADER = 'a,skipped,b,y';
const numberCell = fc.oneof(
  { weight: 6, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 3, arbitrary: fc.integer().map(String) },
  { weight: 1, arbitrary: fc.constantFrom('"1.5"', ' 7 ', '+3', '1e5') },
);
const skippedCell = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('', 'plain', 'é中', '""', '"quoted, it is"') },
  { weight: 1, arbitrary: fc.constantFrom('"line\nbreak"', '"\r\n\n"', '"a\n1,2,3,0\nb"', '"\r"') },
);
const labelCell = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom('0', '1', 'yes', '"no"', '1.0', 'ä') },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 50 }).map((n) => `label ${n}`) },
);
const plainRow = fc
  .tuple(numberCell, skippedCell, numberCell, labelCell)
  .map((cells) => cells.join(','));
const newline = fc.constantFrom('\n', '\n', '\n', '\r\n', '\r');
/** Stands for a byte that is not UTF-8. */
const ODD = '\ue000';
/** Rows that are remarkable, wrong, or not rows. */
const oddRow = fc.oneof(
  fc.constantFrom('', '   ', 'True,,1,0', '1,,false,0', 'TRUE,x,True,1', ',,,', 'NA,,1,0'),
  fc.constantFrom('1,,2,', '1,,2,NaN', 'inf,,1,0', '1e999,,2,1', 'word,,1,0', '1,,2,"a""b"'),
  fc.constantFrom('1,2', '1,,2,0,5', '1,"x"y,2,0', '1,"open,2,0', `1,${ODD},2,0`, `1,,2,x${ODD}`),
);

const file = (rows: fc.Arbitrary<string>) =>
  fc
    .tuple(fc.array(fc.tuple(rows, newline), { minLength: 1, maxLength: 30 }), fc.boolean())
    .map(([lines, ended]) => {
      // Twice, so that no class is too small.
      const text = lines
        .map(([row, end]) => row + end)
        .join('')
        .repeat(2);
      const body = ended ? text : text.trimEnd();
      const parts = `${HEADER}\n${body}`.split(ODD).map((part) => Buffer.from(part));
      return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [Buffer.of(255), part])));
    });

describe('reading in sections', () => {
  it.each([
    ['ordinary rows', file(plainRow), 100],
    [
      'rows of all kinds',
      file(fc.oneof({ weight: 20, arbitrary: plainRow }, { weight: 1, arbitrary: oddRow })),
      250,
    ],
    ['odd rows', file(fc.oneof(plainRow, oddRow)), 100],
  ])(
    'gives the same for %s, whoever reads which',
    async (_, contents, numRuns) => {
      let helped = 0;
      await fc.assert(
        fc.asyncProperty(
          contents,
          fc.integer({ min: 3, max: 400 }),
          fc.integer({ min: 1, max: 5 }),
          fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 9 }),
          fc.constantFrom(1_000, 7),
          async (content, sectionBytes, capacity, turns, maxRows) => {
            const settings = { features: ['b', 'a'], maxRows };
            const { told, startHelpers } = played(turns, capacity);
            const alone = await outcome(content, settings);
            const inSections = await outcome(content, { ...settings, sectionBytes, startHelpers });
            helped += told.answers;
            expect(inSections).toEqual(alone);
            expect(await outcome(content, { ...settings, sectionBytes })).toEqual(alone);
          },
        ),
        { numRuns },
      );
      expect(helped).toBeGreaterThan(numRuns);
    },
    120_000,
  );

  it('finds the line of a fault in whichever section it is', async () => {
    const lines = Array.from({ length: 60 }, (_, i) => `${i},,${i / 7},${i % 2}`);
    for (let bad = 0; bad < lines.length; bad += 7) {
      const broken = lines.with(bad, '1,2').join('\n');
      for (const sectionBytes of [5, 40, 100, 10_000]) {
        const { startHelpers } = played([0, 3, 1], 4);
        expect(await outcome(`${HEADER}\n${broken}\n`, { sectionBytes, startHelpers })).toEqual({
          code: 'FILE_UNREADABLE',
          message: `Line ${bad + 2} of the CSV file has 2 fields where the header has 4.`,
          hint: expect.any(String) as string,
        });
      }
    }
  });

  it('numbers labels by their first row in the file', async () => {
    const labels = Array.from({ length: 300 }, (_, i) => `label ${Math.floor(i / 3) % 90}`);
    const content = `${HEADER}\n${labels.map((label, i) => `${i},,1,${label}\n`).join('')}`;
    const { startHelpers } = played([2, 0, 5], 6);
    const read = await outcome(content, { features: ['a'], sectionBytes: 64, startHelpers });
    expect(read.result?.classCount).toBe(90);
    expect(read).toEqual(await outcome(content, { features: ['a'] }));
  });

  it('gives the same with threads, over many blocks', async () => {
    const lines = Array.from({ length: 200_000 }, (_, i) => {
      const text = i % 1_000 === 7 ? `"line\nbreak ${i}"` : 'x';
      return `${i},${text},${(i * 7919) / 65_537},${i % 11}`;
    });
    const content = `${HEADER}\n${lines.join('\n')}\n`;
    const features = ['a', 'b'];
    const layout = {
      roles: Uint8Array.of(1, 0, 1, 3),
      features: Int32Array.of(0, 0, 1, 0),
      width: 2,
    };
    const threads = startSectionThreads(layout, 2);
    await vi.waitFor(() => expect(threads.capacity()).toBe(4), 30_000);
    let read = 0;
    const startHelpers = (): SectionThreads => ({
      ...threads,
      offer: (section) =>
        threads.offer(section)?.then((rows) => {
          if (rows) read++;
          return rows;
        }),
    });
    const loaded = await outcome(content, { features, sectionBytes: 50_000, startHelpers });
    expect(read).toBeGreaterThan(20);
    const alone = await outcome(content, { features });
    expect(loaded.result).toEqual(alone.result);
    expect(loaded.dataset === alone.dataset).toBe(true);
  }, 120_000);
});
