import { shorten, textWidth } from '../text/text-width.ts';
import { FONT_SIZE, MARGIN, writing, type Mark } from './heading.ts';
import { INK, type Tone } from './palette.ts';

export interface LegendEntry {
  readonly name: string;
  readonly value: string;
  readonly tone: Tone;
}

const ROW = 20;
const COLUMNS = 2;
const GUTTER = 20;
const DOT = 5;

export function legendHeight(entries: number): number {
  return Math.ceil(entries / COLUMNS) * ROW;
}

/** Names with their colours and values, in two columns from the height `top` on. */
export function legend(entries: readonly LegendEntry[], top: number, width: number): Mark[] {
  const column = (width - 2 * MARGIN - GUTTER * (COLUMNS - 1)) / COLUMNS;
  return entries.flatMap(({ name, value, tone }, i) => {
    const left = MARGIN + (i % COLUMNS) * (column + GUTTER);
    const y = top + Math.floor(i / COLUMNS) * ROW + ROW / 2;
    const start = left + 2 * DOT + 7;
    const room = column - (start - left) - textWidth(value, FONT_SIZE) - 10;
    return [
      {
        type: 'circle',
        silent: true,
        shape: { cx: left + DOT, cy: y, r: DOT },
        style: { fill: tone.light },
      },
      writing(shorten(name, room, FONT_SIZE), { x: start, y }),
      writing(value, { x: left + column, y, align: 'right', tone: INK.muted }),
    ];
  });
}
