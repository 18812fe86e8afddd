import type { BarSeriesOption, XAXisComponentOption, YAXisComponentOption } from 'echarts';

import { aligned } from '../text/formats.ts';
import { shorten, textWidth } from '../text/text-width.ts';
import { plotArea } from './axes.ts';
import { FONT_SIZE, heading, HEADING_HEIGHT, MARGIN, writing, type Mark } from './heading.ts';
import { legend, legendHeight } from './legend.ts';
import { AGAINST, FOR, INK } from './palette.ts';
import { drawSvg } from './svg-chart.ts';

/** Bars under one another, with a name above them where there are several panels. */
export interface WeightPanel {
  readonly name: string | undefined;
  readonly bars: readonly { readonly name: string; readonly value: number }[];
}

export interface WeightsChart {
  readonly title: string;
  readonly message: string;
  readonly panels: readonly WeightPanel[];
  /** What a bar to the right speaks for, and one to the left. */
  readonly sides: readonly [right: string, left: string];
}

const WIDTH = 440;
const ROW = 21;
const NAMES = 176;
/** Room for the figure at a bar's end. */
const FIGURE = 50;

type Row = { readonly header: string } | { readonly name: string; readonly value: number };

/** Horizontal bars to both sides of zero. */
export function weightsSvg({ title, message, panels, sides }: WeightsChart): string {
  const rows = panels.flatMap(({ name, bars }): Row[] => [
    ...(name === undefined ? [] : [{ header: name }]),
    ...bars,
  ]);
  const names = rows.map((row) => ('name' in row ? shorten(row.name, NAMES, FONT_SIZE) : ''));
  const left = MARGIN + Math.max(40, ...names.map((name) => textWidth(name, FONT_SIZE))) + 10;
  const plot = { width: WIDTH - left - MARGIN, height: rows.length * ROW };
  const legendTop = HEADING_HEIGHT + plot.height + 10;
  const entries = [
    { name: sides[0], value: '', tone: FOR },
    { name: sides[1], value: '', tone: AGAINST },
  ];
  return drawSvg({
    ...{ name: 'weights', title, width: WIDTH, height: legendTop + legendHeight(2) + 12 },
    option: {
      grid: plotArea({ left, ...plot }),
      xAxis: scale(rows, plot.width),
      yAxis: nameAxis(names),
      graphic: [
        ...heading(title, message, WIDTH),
        ...headers(rows),
        ...legend(entries, legendTop, WIDTH),
      ],
      series: [bars(rows)],
    },
  });
}

/** From the lowest to the highest value with room for the figures beyond both, zero included. */
function scale(rows: readonly Row[], width: number): XAXisComponentOption {
  const values = rows.map((row) => ('value' in row ? row.value : 0));
  const high = Math.max(0, ...values);
  const low = Math.min(0, ...values);
  const rooms = (high > 0 ? FIGURE : 0) + (low < 0 ? FIGURE : 0);
  const perPixel = (high - low) / (width - rooms) || 1;
  return {
    type: 'value',
    show: false,
    min: low - (low < 0 ? FIGURE * perPixel : 0),
    max: high > low ? high + (high > 0 ? FIGURE * perPixel : 0) : width,
  };
}

function nameAxis(names: readonly string[]): YAXisComponentOption {
  return {
    type: 'category',
    inverse: true,
    data: names.map((_, at) => String(at)),
    axisLabel: {
      interval: 0,
      formatter: (at: string) => names[Number(at)] ?? '',
      color: INK.text.light,
      fontSize: FONT_SIZE,
      fontFamily: 'inherit',
      margin: 10,
    },
    axisLine: { show: true, onZero: true, lineStyle: { color: INK.axis.light } },
    axisTick: { show: false },
    silent: true,
  };
}

function headers(rows: readonly Row[]): Mark[] {
  return rows.flatMap((row, at) =>
    'header' in row
      ? [
          writing(shorten(row.header, WIDTH - 2 * MARGIN, FONT_SIZE, true), {
            ...{ x: MARGIN, y: HEADING_HEIGHT + (at + 0.62) * ROW },
            ...{ bold: true, tone: INK.strong },
          }),
        ]
      : [],
  );
}

function bars(rows: readonly Row[]): BarSeriesOption {
  const format = aligned(rows.map((row) => ('value' in row ? row.value : 0)));
  return {
    type: 'bar',
    barWidth: 12,
    silent: true,
    animation: false,
    data: rows.map((row) => {
      if (!('value' in row)) return '-';
      const positive = row.value >= 0;
      return {
        value: row.value,
        itemStyle: {
          color: (positive ? FOR : AGAINST).light,
          borderRadius: positive ? [0, 3, 3, 0] : [3, 0, 0, 3],
        },
        label: {
          show: true,
          position: positive ? 'right' : 'left',
          formatter: () => format(row.value),
          color: INK.muted.light,
          fontSize: 11,
          fontFamily: 'inherit',
        },
      };
    }),
  };
}
