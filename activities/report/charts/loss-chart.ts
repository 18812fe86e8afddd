import type { LossPoint } from '../report-input.ts';
import { counted, readable } from '../text/formats.ts';
import { plotArea, xAxis, yAxis } from './axes.ts';
import { heading, HEADING_HEIGHT } from './heading.ts';
import { CLASS_TONES, INK } from './palette.ts';
import { drawSvg } from './svg-chart.ts';

const WIDTH = 440;
const PLOT = 250;
const LEFT = 68;
const FEW = 40;

/** The training objective by iteration. @param points at least two */
export function lossSvg(points: readonly LossPoint[], converged: boolean): string {
  const title = 'Training loss';
  const last = points.at(-1);
  const message =
    `${counted(last?.iteration ?? 0, 'iteration')}, ${converged ? 'converged' : 'stopped before it converged'}` +
    ` at ${readable(last?.loss ?? 0)}`;
  const color = CLASS_TONES[0]!.light;
  return drawSvg({
    ...{ name: 'loss', title, width: WIDTH, height: HEADING_HEIGHT + PLOT + 52 },
    option: {
      grid: plotArea({ left: LEFT, width: WIDTH - LEFT - 24, height: PLOT }),
      xAxis: xAxis('Iteration', {
        type: 'value',
        min: points[0]?.iteration ?? 0,
        minInterval: 1,
        splitLine: { show: false },
      }),
      yAxis: yAxis('Mean loss with penalty', {
        type: 'value',
        scale: true,
        splitNumber: 5,
        nameGap: 48,
        axisLabel: { formatter: readable, color: INK.muted.light, fontFamily: 'inherit' },
      }),
      graphic: heading(title, message, WIDTH),
      series: [
        {
          type: 'line',
          data: points.map(({ iteration, loss }) => [iteration, loss]),
          lineStyle: { color, width: 2.25, cap: 'round', join: 'round' },
          itemStyle: { color },
          symbol: 'circle',
          symbolSize: 5,
          showSymbol: points.length <= FEW,
          showAllSymbol: true,
          silent: true,
          animation: false,
          clip: false,
        },
      ],
    },
  });
}
