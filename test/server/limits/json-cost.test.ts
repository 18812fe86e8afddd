import { describe, expect, it } from 'vitest';

import { isCostlyJson } from '../../../server/limits/json-cost.ts';

const costly = (text: string): boolean => isCostlyJson(Buffer.from(text));
const MANY = 2_000_000;

describe('JSON that costs more than its size', () => {
  it.each([
    ['lists in lists', '['.repeat(MANY)],
    ['objects in objects', '{"a":'.repeat(101) + '1' + '}'.repeat(101)],
    ['empty lists', `[${'[],'.repeat(MANY)}[]]`],
    ['objects after a text with an escaped quote', `["\\"",${'{},'.repeat(MANY)}1]`],
    ['names of one object', `[{"a":1},{${'"a":{},'.repeat(10_001)}"b":1}]`],
    ['lists after a text that ends in a backslash', `["\\\\",${'[],'.repeat(MANY)}1]`],
  ])('%s', (_what, text) => {
    expect(costly(text)).toBe(true);
  });

  it.each([
    ['brackets in texts', JSON.stringify({ text: '[{'.repeat(MANY) })],
    ['quotes and backslashes in texts', JSON.stringify({ text: '"\\[['.repeat(MANY) })],
    ['a hundred levels', '['.repeat(100) + ']'.repeat(100)],
    ['colons in texts', JSON.stringify({ text: ':'.repeat(MANY) })],
    ['names of many objects', `[${'{"a":1,"b":{"c":1}},'.repeat(20_000)}1]`],
    ['a text that never ends', `["${'['.repeat(MANY)}`],
    ['a million records', `[${'{"text":"","label":""},'.repeat(1_000_000 - 1)}{}]`],
  ])('but not %s', (_what, text) => {
    expect(costly(text)).toBe(false);
  });
});
