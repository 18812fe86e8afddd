import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect } from 'vitest';

import { readCsvHeader } from '../../../../activities/sources/csv/csv-header.ts';
import type { Column, Selection } from '../../../../schemas/dataset.ts';
import { attacks } from './effort.ts';
import { createManyJobs, demandTyped } from './many-jobs.ts';

/** Columns of each file that are read by themselves. */
const COLUMNS = Math.min(8, attacks(1));

/** Ways to read some of the columns: as numbers, as texts, as labels. */
function selections(columns: readonly Column[]): Selection[] {
  const names = [...new Set(columns.map(({ name }) => name))];
  const numbers = columns.filter(({ type }) => /INT|FLOAT|DOUBLE|DECIMAL|BOOL/.test(type));
  return names.slice(0, COLUMNS).flatMap((target): Selection[] => {
    const others = names.filter((name) => name !== target);
    const features = numbers.map(({ name }) => name).filter((name) => name !== target);
    const tabular: Selection = { task: 'tabular', target, features: features.slice(0, 50) };
    const texts = others
      .slice(0, COLUMNS)
      .map((text): Selection => ({ task: 'text', target, features: [text] }));
    return [...(features.length > 0 ? [tabular] : []), ...texts];
  });
}

/** Reads files that nobody knows, in every way, and demands a typed answer each time. */
export function createUnknownFiles(folder: string) {
  const jobs = createManyJobs(folder);
  const counted = new Map<string, number>();
  const count = (outcome: Parameters<typeof demandTyped>[0]): void => {
    counted.set(outcome.code, (counted.get(outcome.code) ?? 0) + 1);
    demandTyped(outcome);
  };

  async function readParquet(path: string): Promise<void> {
    const copy = join(folder, 'source.parquet');
    await copyFile(path, copy);
    const described = await jobs.describe('source.parquet');
    count(described);
    for (const selection of selections(described.columns)) {
      count(await jobs.load('parquet-load', copy, selection));
    }
  }

  async function readCsv(path: string): Promise<void> {
    const bytes = await readFile(path);
    let names: readonly string[] = ['y'];
    try {
      ({ names } = readCsvHeader(bytes, true));
    } catch (error) {
      expect(error).toMatchObject({ code: 'FILE_UNREADABLE' });
    }
    for (const selection of selections(names.map((name) => ({ name, type: 'INT' })))) {
      count(await jobs.load('csv-load', path, selection));
    }
    count(await jobs.load('csv-load', path, { target: names.at(-1) as string }));
  }

  /** How often each answer came since the last time. */
  function taken(): Record<string, number> {
    const all = Object.fromEntries(counted);
    counted.clear();
    return all;
  }

  return { readParquet, readCsv, taken, close: (): void => jobs.close() };
}
