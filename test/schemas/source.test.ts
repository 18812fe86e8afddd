import { expect, it } from 'vitest';

import { sourceSchema } from '../../schemas/source.ts';

it.each([
  ['a.csv', undefined, 'csv'],
  ['a', undefined, 'csv'],
  ['a.parquet', undefined, 'parquet'],
  ['A.PARQUET', undefined, 'parquet'],
  ['a.parquet', 'csv', 'csv'],
  ['a.csv', 'parquet', 'parquet'],
] as const)('a file %s of format %s is read as %s', (path, format, read) => {
  const given = { kind: 'file', path, target: 'y', ...(format && { format }) };
  const source = sourceSchema.parse(given);
  // In the order that requests always had: it is part of what a repeated request is known by.
  expect(Object.entries(source)).toEqual(
    Object.entries({ kind: 'file', path, format: read, target: 'y' }),
  );
});
