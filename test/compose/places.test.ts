import { describe, expect, it } from 'vitest';
import { translator } from './places.ts';

describe('translator', () => {
  const translate = translator({
    'postgres:5432': 'here:1',
    '/state': '/tmp/x',
    'demo-postgres:5432': 'here:2',
  });

  it.each([
    ['postgresql://audit:secret@postgres:5432/audit', 'postgresql://audit:secret@here:1/audit'],
    ['demo-postgres:5432', 'here:2'],
    ['my-postgres:5432', 'my-postgres:5432'],
    ['/state/keys', '/tmp/x/keys'],
    ['/states', '/states'],
  ])('makes of %s what stands there', (text, expected) => {
    expect(translate(text)).toBe(expected);
  });
});
