import { describe, expect, it } from 'vitest';

import { chooseColumns } from '../../../activities/inspection/choose-columns.ts';
import type { Selection } from '../../../schemas/dataset.ts';

const columns = ['f1', 'f2', 'income', 'incoming', 'label'].map((name) => ({
  name,
  type: 'number',
}));

function choose(selection: Partial<Selection>, of = columns) {
  const wanted = { task: 'tabular', target: 'label', features: undefined, ...selection } as const;
  const { refusals, ...chosen } = chooseColumns(of, wanted, 100);
  return { ...chosen, refused: refusals.map(({ failure, parts }) => [failure.code, parts]) };
}

describe('chooseColumns', () => {
  it('leaves a selection alone that names columns of the source', () => {
    expect(choose({ features: ['f1'] })).toEqual({
      selection: { task: 'tabular', target: 'label', features: ['f1'] },
      ...{ standIn: false, assumptions: [], refused: [] },
    });
  });

  it('puts the only name in place that can be meant, and says so', () => {
    const { selection, assumptions, refused } = choose({ target: 'Lable', features: ['f1', 'f2'] });
    expect(selection).toMatchObject({ target: 'label', features: ['f1', 'f2'] });
    expect(assumptions).toEqual(['Looked at “label” in place of “Lable”.']);
    expect(refused).toEqual([['COLUMN_NOT_FOUND', ['target']]]);
  });

  it('leaves a feature out that may mean several, or nothing', () => {
    const { selection, assumptions, refused } = choose({
      features: ['f1', 'f3', 'incomin', 'age'],
    });
    expect(selection?.features).toEqual(['f1']);
    expect(assumptions).toEqual([]);
    expect(refused).toEqual([['COLUMN_NOT_FOUND', ['features']]]);
  });

  it('has nothing to look at without a target, or without a feature', () => {
    expect(choose({ target: 'price' })).toMatchObject({ selection: null });
    expect(choose({ features: ['price'] })).toMatchObject({ selection: null });
    expect(choose({}, columns.slice(4))).toMatchObject({
      ...{ selection: null, refused: [['COLUMN_NOT_FOUND', undefined]] },
    });
  });

  it('goes on after one complaint to the next', () => {
    const { selection, refused } = choose({ features: ['f1', 'f1', 'label', 'zzz'] });
    expect(selection?.features).toEqual(['f1']);
    expect(refused.map(([code]) => code)).toEqual(['INVALID_REQUEST', 'COLUMN_NOT_FOUND']);
  });

  it('takes any column for the text when none was named, to look at the target', () => {
    expect(choose({ task: 'text' })).toMatchObject({
      ...{ selection: { features: ['f1'], target: 'label' }, standIn: true },
      refused: [['COLUMN_NOT_TEXT', undefined]],
    });
  });

  it('takes nothing from a table whose names look like data', () => {
    const data = ['labels', '3.5'].map((name) => ({ name, type: 'text' }));
    expect(choose({}, data)).toMatchObject({ selection: null, assumptions: [] });
  });
});
