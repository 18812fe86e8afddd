import { describe, expect, it } from 'vitest';

import { demandSameData } from '../../activities/demanded-data.ts';

const data = (sha256: string, sourceSha256: string | null) => ({ sha256, sourceSha256 });

describe('the data that a rerun demands', () => {
  it.each([
    ['nothing is demanded', undefined, data('d', 'f')],
    ['it is the same', data('d', 'f'), data('d', 'f')],
    ['its source has no bytes', data('d', null), data('d', null)],
  ])('is there when %s', (_, demanded, loaded) => {
    expect(() => demandSameData(demanded, loaded)).not.toThrow();
  });

  it.each([
    [data('d', 'f'), data('d2', 'f2'), 'The data has changed: its SHA-256 was f.'],
    [data('d', null), data('d2', null), 'The data has changed: its SHA-256 was d.'],
    [data('d', 'f'), data('d', 'f2'), 'though not the values that are read from it'],
    [data('d', 'f'), data('d2', 'f'), 'other values are read from it'],
  ])('is missed when %o is %o', (demanded, loaded, words) => {
    const failure = expect.objectContaining({ code: 'DATA_CHANGED' }) as Error;
    expect(() => demandSameData(demanded, loaded)).toThrow(words);
    expect(() => demandSameData(demanded, loaded)).toThrow(failure);
  });
});
