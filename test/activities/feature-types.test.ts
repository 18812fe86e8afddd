import { describe, expect, it } from 'vitest';

import {
  decodeFeatureTypes,
  encodeFeatureTypes,
  provenType,
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

  it('are double again when a later row does not fit the guess', () => {
    const values = Float64Array.of(1, 2, 3, 2.5, 1, 0);
    const width = 2;
    expect(provenType('long', values, { column: 0, width })).toBe('long');
    expect(provenType('long', values, { column: 1, width })).toBe('double');
    expect(provenType('boolean', values, { column: 1, width })).toBe('double');
  });
});
