import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { reportFiles } from '../../../activities/report/report-files.ts';
import { askPython } from './ask-python.ts';
import { hostileExample } from './hostile-example.ts';

interface Seen {
  readonly tags: readonly string[];
  readonly attributes: readonly (readonly [name: string, value: string | null])[];
  readonly balanced?: boolean;
  readonly texts?: readonly (string | null)[];
}

const PICTURE_TAGS = ['svg', 'style', 'rect', 'g', 'path', 'text', 'circle', 'defs', 'clipPath'];
const PAGE_TAGS = [
  ...['html', 'head', 'meta', 'title', 'style', 'body', 'main', 'header', 'section', 'div', 'p'],
  ...['h1', 'h2', 'h3', 'b', 'br', 'ul', 'li', 'figure', 'table', 'thead', 'tbody', 'tr', 'th'],
  ...['td', 'bdi', 'pre', 'dl', 'dt', 'dd', 'a'],
];

const folder = mkdtempSync(join(tmpdir(), 'report-'));
let seen: ReadonlyMap<string, Seen>;

beforeAll(() => {
  const files = reportFiles(hostileExample()).filter(({ path }) => /\.(svg|html)$/.test(path));
  const paths = files.map(({ path, bytes }) => {
    writeFileSync(join(folder, path), bytes);
    return join(folder, path);
  });
  const answers = askPython<Seen>('markup.py', paths);
  seen = new Map(files.map(({ path }, i) => [path, answers[i]!]));
});

afterAll(() => rmSync(folder, { recursive: true }));

it('is seven well-formed documents', () => {
  expect(seen.size).toBe(7);
  expect(seen.get('card.html')?.balanced).toBe(true);
});

it('holds the elements that we write and none that the data would', () => {
  for (const [path, { tags }] of seen) {
    const allowed = path.endsWith('.svg') ? PICTURE_TAGS : [...PAGE_TAGS, ...PICTURE_TAGS];
    const known = new Set(allowed.map((tag) => tag.toLowerCase()));
    expect(tags.filter((tag) => !known.has(tag.toLowerCase()))).toEqual([]);
  }
});

it('runs nothing and fetches nothing', () => {
  for (const [path, { attributes }] of seen) {
    for (const [name, value] of attributes) {
      expect(name, path).not.toMatch(/^(on|src|srcset|srcdoc|action|formaction|xlink|data)/i);
      if (name === 'href') expect(value).toMatch(/^https?:\/\/[\w.]+:\d+\//);
      if (name === 'clip-path') expect(value).toMatch(/^url\(#[a-z]+-c\d+\)$/);
      else expect(value ?? '').not.toMatch(/url\(|javascript:|expression/i);
    }
  }
});

it('numbers no id twice on the page', () => {
  const ids = seen
    .get('card.html')!
    .attributes.flatMap(([name, id]) => (name === 'id' ? [id] : []));
  expect(ids.length).toBeGreaterThan(2);
  expect(new Set(ids).size).toBe(ids.length);
});

it('shows names as they are, but for what cannot be shown', () => {
  const texts = seen.get('roc_curve.svg')!.texts ?? [];
  expect(texts).toContain('"q" & \'s\'');
  expect(texts).toContain('a\\nb\\u202ec');
  expect(texts).toContain('سلام');
  expect(texts).toContain('\ufffd lone \\u0000 null');
});
