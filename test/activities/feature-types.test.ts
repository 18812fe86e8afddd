import { describe, expect, it } from 'vitest';

import {
  decodeFeatureTypes,
  encodeFeatureTypes,
  provenTypes,
} from '../../activities/feature-types.ts';

describe('the types of feature columns', () => {
  it.each([
    ['integer', 'long'],
    ['bigint', 'long'],
    ['BIGINT', 'long'],
    ['int4', 'long'],
    ['int unsigned', 'long'],
    ['UTINYINT', 'long'],
    ['boolean', 'boolean'],
    ['double precision', 'double'],
    ['DECIMAL(10,2)', 'double'],
    ['interval', 'double'],
    ['unknown', 'double'],
  ])('%s is %s', (declared, type) => {
    const letters = encodeFeatureTypes([{ name: 'a', type: declared }], ['a']);
    expect(letters).toHaveLength(1);
    expect(decodeFeatureTypes(letters)).toEqual([type]);
  });

  it('keep the order of the features, not of the columns', () => {
    const columns = [
      { name: 'a', type: 'integer' },
      { name: 'b', type: 'number' },
    ];
    expect(decodeFeatureTypes(encodeFeatureTypes(columns, ['b', 'a']))).toEqual(['double', 'long']);
  });

  it('are double again when a later row does not fit the guess', async () => {
    async function* blocks() {
      yield Float64Array.of(1, 2, 1, 0, 1, 0);
      yield Float64Array.of(3, 2.5, 2, 1, 0, 0.5);
    }
    const declared = ['long', 'long', 'boolean', 'boolean', 'long', 'double'] as const;
    const proven = ['long', 'double', 'double', 'boolean', 'long', 'double'];
    expect(await provenTypes(declared, blocks())).toEqual(proven);
  });
});
