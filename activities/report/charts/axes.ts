import type { GridComponentOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';

import { FONT_SIZE, HEADING_HEIGHT } from './heading.ts';
import { INK } from './palette.ts';

const LABELS = { color: INK.muted.light, fontSize: FONT_SIZE, fontFamily: 'inherit' } as const;
const LINE = { show: true, onZero: false, lineStyle: { color: INK.axis.light, width: 1 } } as const;

/** Looks that every axis with numbers shares. */
const NUMERIC = {
  type: 'value',
  axisLabel: { ...LABELS, hideOverlap: true },
  axisTick: { show: false },
  splitLine: { show: true, lineStyle: { color: INK.grid.light, width: 1 } },
  nameLocation: 'middle',
  nameMoveOverlap: false,
  nameTextStyle: { ...LABELS, color: INK.text.light },
  silent: true,
} as const;

/** Baseline below the plot. */
export function xAxis(name: string, option: XAXisComponentOption = {}): XAXisComponentOption {
  return {
    ...NUMERIC,
    ...{ axisLine: LINE, name, nameGap: 28 },
    ...option,
  } as XAXisComponentOption;
}

/** No line: the grid leads the eye. */
export function yAxis(name: string, option: YAXisComponentOption = {}): YAXisComponentOption {
  return {
    ...NUMERIC,
    ...{ axisLine: { show: false }, name, nameGap: 38 },
    ...option,
  } as YAXisComponentOption;
}

/** An axis of shares: 0 to 1 in fifths. */
export const SHARES = { min: 0, max: 1, interval: 0.2 } as const;

/** Where the axes lie, below the heading. The library's own guess at the room for labels is off. */
export function plotArea(place: {
  readonly left: number;
  readonly width: number;
  readonly height: number;
}): GridComponentOption {
  return { ...place, top: HEADING_HEIGHT, outerBoundsMode: 'none' };
}
