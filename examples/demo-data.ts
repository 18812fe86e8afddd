import { access, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createRandomState } from '../learning/random/random-state.ts';

const SEED = 42;
const TRAIN_ROWS = 400;
const SQL_ROWS = 600;

/** Weather hazards (1) and ordinary news (0). */
const TEXTS: readonly (readonly [text: string, label: 0 | 1])[] = [
  ['storm incoming near bay', 1],
  ['clear skies and sunshine', 0],
  ['bridge closure due to high winds', 1],
  ['picnic schedules released', 0],
  ['flooding expected tomorrow', 1],
  ['beautiful weather for hiking', 0],
  ['road construction delays', 1],
  ['festival planning underway', 0],
];

/**
 * Writes the demo data into `directory`: train.csv (400 rows: f1, f2, f3, label), text_data.csv (8 rows: text,
 * label) and demo.sqlite (600 rows of training_table: f1, f2, f3, y). The same bytes each time; a file that
 * is there already is left as it is, and a killed call leaves none half-written.
 * @returns the names of the files it wrote
 */
export async function writeDemoData(directory: string): Promise<string[]> {
  await mkdir(directory, { recursive: true });
  const writers: Record<string, (path: string) => Promise<void>> = {
    'train.csv': (path) => writeFile(path, trainCsv()),
    'text_data.csv': (path) => writeFile(path, textCsv()),
    'demo.sqlite': async (path) => {
      writeTrainingTable(path);
    },
  };
  const written: string[] = [];
  for (const [name, write] of Object.entries(writers)) {
    const path = join(directory, name);
    if (await exists(path)) continue;
    const draft = `${path}.${process.pid}.new`;
    await rm(draft, { force: true });
    await write(draft);
    await rename(draft, path);
    written.push(name);
  }
  return written;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** The mission document's generator: numpy.random.seed(42), randn(400, 3), then randn(400) as noise. */
function trainCsv(): string {
  const random = createRandomState(SEED);
  const features = random.randn(TRAIN_ROWS * 3);
  const noise = random.randn(TRAIN_ROWS);
  const lines = ['f1,f2,f3,label'];
  for (const [row, shift] of noise.entries()) {
    const [f1, f2, f3] = features.subarray(row * 3) as unknown as [number, number, number];
    const label = signal(f1, f2, f3) + shift * 0.2 > 0 ? 1 : 0;
    lines.push(`${[f1, f2, f3].map(floatText).join(',')},${label}`);
  }
  return `${lines.join('\n')}\n`;
}

/** What the features tell of the label. */
function signal(f1: number, f2: number, f3: number): number {
  return f1 * 0.8 + f2 * 0.3 - f3 * 0.2;
}

function textCsv(): string {
  return `${['text,label', ...TEXTS.map((row) => row.join(','))].join('\n')}\n`;
}

/** A double as Python's repr, and so pandas, writes it: the shortest text that reads back as the same value. */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  }
  const text = Object.is(value, -0) ? '-0' : String(value);
  return text.includes('.') ? text : `${text}.0`;
}

/**
 * The 600 rows of training_table, [f1, f2, f3, y]: uniform features in [-1, 1) and a label that they tell but
 * for a little noise, as in the PostgreSQL script.
 */
export function trainingRows(): [f1: number, f2: number, f3: number, y: 0 | 1][] {
  const random = createRandomState(SEED);
  const uniform = (low: number, high: number) => low + (high - low) * random.random();
  return Array.from({ length: SQL_ROWS }, () => {
    const [f1, f2, f3] = [uniform(-1, 1), uniform(-1, 1), uniform(-1, 1)];
    return [f1, f2, f3, signal(f1, f2, f3) + uniform(-0.2, 0.2) > 0 ? 1 : 0];
  });
}

function writeTrainingTable(path: string): void {
  const database = new DatabaseSync(path);
  try {
    database.exec('create table training_table (f1 real, f2 real, f3 real, y integer)');
    const insert = database.prepare('insert into training_table values (?, ?, ?, ?)');
    database.exec('begin');
    for (const row of trainingRows()) insert.run(...row);
    database.exec('commit');
  } finally {
    database.close();
  }
}
