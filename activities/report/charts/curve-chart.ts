import type { LineSeriesOption } from 'echarts';

import { plotArea, SHARES, xAxis, yAxis } from './axes.ts';
import { heading, HEADING_HEIGHT } from './heading.ts';
import { legend, legendHeight, type LegendEntry } from './legend.ts';
import { INK } from './palette.ts';
import { drawSvg } from './svg-chart.ts';

export interface DrawnCurve extends LegendEntry {
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Precision holds over the recall that a threshold adds: steps, not slopes. */
  readonly steps: boolean;
}

export interface CurveChart {
  readonly name: string;
  readonly title: string;
  readonly message: string;
  readonly axes: readonly [x: string, y: string];
  readonly curves: readonly DrawnCurve[];
  /** What a model without knowledge would draw: two ends of a dashed line. */
  readonly chance?: readonly [readonly [number, number], readonly [number, number]];
}

const WIDTH = 440;
const PLOT = 290;
const LEFT = 58;
const BELOW = 52;

/** Curves in the unit square; with more than one, a legend below. */
export function curveSvg({ name, title, message, axes, curves, chance }: CurveChart): string {
  const entries = curves.length > 1 ? curves : [];
  const legendTop = HEADING_HEIGHT + PLOT + BELOW;
  const height = legendTop + (entries.length > 0 ? legendHeight(entries.length) + 12 : 0);
  return drawSvg({
    ...{ name, title, width: WIDTH, height },
    option: {
      grid: plotArea({ left: LEFT, width: WIDTH - LEFT - 24, height: PLOT }),
      xAxis: xAxis(axes[0], SHARES),
      yAxis: yAxis(axes[1], SHARES),
      graphic: [...heading(title, message, WIDTH), ...legend(entries, legendTop, WIDTH)],
      series: [
        ...(chance ? [line([...chance], INK.chance.light, { type: [5, 5], width: 1.5 })] : []),
        ...(curves.length === 1 ? curves : curves.toReversed()).map(({ points, tone, steps }) =>
          line(points, tone.light, { width: 2.25 }, steps),
        ),
      ],
    },
  });
}

function line(
  points: readonly (readonly [number, number])[],
  color: string,
  style: LineSeriesOption['lineStyle'],
  steps = false,
): LineSeriesOption {
  return {
    type: 'line',
    data: points as LineSeriesOption['data'] & object,
    lineStyle: { color, cap: 'round', join: 'round', ...style },
    step: steps ? 'start' : false,
    showSymbol: false,
    silent: true,
    animation: false,
    clip: false,
  };
}
