import type { LineSeriesOption } from 'echarts';

import type { Calibration } from '../curves/calibration-bins.ts';
import { plotArea, SHARES, xAxis, yAxis } from './axes.ts';
import { heading, HEADING_HEIGHT } from './heading.ts';
import { legend, legendHeight, type LegendEntry } from './legend.ts';
import { INK } from './palette.ts';
import { drawSvg } from './svg-chart.ts';

export interface DrawnCalibration extends LegendEntry {
  readonly calibration: Calibration;
}

const WIDTH = 440;
const PLOT = 290;
const LEFT = 58;
const BELOW = 52;

/** Predicted probability by how often the class was true; the larger a dot, the more rows. */
export function calibrationSvg(title: string, message: string, drawn: readonly DrawnCalibration[]) {
  const entries = drawn.length > 1 ? drawn : [];
  const legendTop = HEADING_HEIGHT + PLOT + BELOW;
  const height = legendTop + (entries.length > 0 ? legendHeight(entries.length) + 12 : 0);
  return drawSvg({
    ...{ name: 'calibration', title, width: WIDTH, height },
    option: {
      grid: plotArea({ left: LEFT, width: WIDTH - LEFT - 24, height: PLOT }),
      xAxis: xAxis('Mean predicted probability', SHARES),
      yAxis: yAxis('Share that is true', SHARES),
      graphic: [...heading(title, message, WIDTH), ...legend(entries, legendTop, WIDTH)],
      series: [ideal(), ...drawn.toReversed().map(dots)],
    },
  });
}

function ideal(): LineSeriesOption {
  return {
    type: 'line',
    data: [
      [0, 0],
      [1, 1],
    ],
    lineStyle: { color: INK.chance.light, type: [5, 5], width: 1.5 },
    showSymbol: false,
    silent: true,
    animation: false,
  };
}

function dots({ tone, calibration }: DrawnCalibration): LineSeriesOption {
  const rows = calibration.bins.reduce((sum, bin) => sum + bin.rows, 0);
  return {
    type: 'line',
    data: calibration.bins.map((bin) => ({
      value: [bin.meanPredicted, bin.observed],
      // The area of a dot grows with its share of the rows.
      symbolSize: 5 + 11 * Math.sqrt(bin.rows / rows),
    })),
    // Between dots there is nothing known: the line only leads the eye.
    lineStyle: { color: tone.light, width: 1.5, opacity: 0.45 },
    itemStyle: { color: tone.light, borderColor: INK.paper.light, borderWidth: 1 },
    symbol: 'circle',
    showAllSymbol: true,
    silent: true,
    animation: false,
    clip: false,
  };
}
