import type { HeatmapSeriesOption } from 'echarts';

import type { FoldedMatrix } from '../tables/folded-matrix.ts';
import { percent, shortCount } from '../text/formats.ts';
import { shorten, textWidth } from '../text/text-width.ts';
import { plotArea } from './axes.ts';
import { heading, HEADING_HEIGHT, MARGIN } from './heading.ts';
import { HEAT, INK, ON_HEAT } from './palette.ts';
import { drawSvg } from './svg-chart.ts';

const NARROWEST = 440;
const PLOT = 316;
const AXIS_NAME = 26;
/** Up to so many classes every cell is drawn; a larger matrix is mostly zeros. */
const EVERY_CELL = 12;
/** Side of a cell from which on it holds the share beside the figure. */
const SHARE_SIDE = 54;

interface Layout {
  readonly side: number;
  readonly fontSize: number;
  readonly names: readonly string[];
  readonly left: number;
  readonly below: number;
  readonly turned: number;
}

/** True classes down, predicted ones across; the fill is the share of the true class's rows. */
export function confusionSvg(
  matrix: FoldedMatrix,
  { names, message }: { readonly names: readonly string[]; readonly message: string },
): string {
  const { size } = matrix;
  const layout = layoutOf(size, names);
  const plot = layout.side * size;
  const width = Math.max(NARROWEST, layout.left + plot + MARGIN);
  const title = 'Confusion matrix';
  return drawSvg({
    ...{ name: 'confusion', title, width, height: HEADING_HEIGHT + plot + layout.below },
    option: {
      grid: {
        ...plotArea({ left: layout.left, width: plot, height: plot }),
        ...{ show: size > EVERY_CELL, borderWidth: 0, backgroundColor: HEAT[0]!.light },
      },
      xAxis: {
        ...axis('Predicted', layout, layout.below - MARGIN - 16),
        axisLabel: { ...labels(layout), rotate: layout.turned, margin: 8 },
      },
      yAxis: {
        ...axis('Actual', layout, layout.left - MARGIN - 8),
        inverse: true,
        axisLabel: { ...labels(layout), margin: 8 },
      },
      graphic: heading(title, message, width),
      series: [cellSeries(matrix, layout)],
    },
  });
}

function layoutOf(size: number, full: readonly string[]): Layout {
  const fontSize = size <= 12 ? 12 : size <= 20 ? 11 : 10;
  const side = Math.max(22, Math.floor(PLOT / size));
  const names = full.map((name) => shorten(name, size <= 12 ? 112 : 96, fontSize));
  const widest = Math.max(...names.map((name) => textWidth(name, fontSize)));
  const turned = widest <= side - 4 ? 0 : size <= 12 ? 40 : 90;
  const labelHeight =
    turned === 0 ? fontSize : turned === 90 ? widest : widest * 0.65 + fontSize * 0.8;
  return {
    ...{ side, fontSize, names, turned },
    left: Math.ceil(Math.max(70, MARGIN + AXIS_NAME + widest + 8)),
    below: Math.ceil(8 + labelHeight + AXIS_NAME + MARGIN),
  };
}

function axis(name: string, { names }: Layout, nameGap: number) {
  return {
    type: 'category',
    data: names.map((_, at) => String(at)),
    name,
    nameGap,
    nameLocation: 'middle',
    nameMoveOverlap: false,
    nameTextStyle: { color: INK.text.light, fontSize: 12, fontFamily: 'inherit' },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { show: false },
    silent: true,
  } as const;
}

/** Categories are positions; names from the data come in by this function, as text only. */
function labels({ names, fontSize }: Layout) {
  return {
    interval: 0,
    formatter: (at: string) => names[Number(at)] ?? '',
    color: INK.text.light,
    fontSize,
    fontFamily: 'inherit',
  };
}

function cellSeries({ size, cells }: FoldedMatrix, layout: Layout): HeatmapSeriesOption {
  const { side } = layout;
  const all = size <= EVERY_CELL;
  const data: NonNullable<HeatmapSeriesOption['data']> = [];
  for (let row = 0; row < size; row++) {
    const counts = cells.subarray(row * size, (row + 1) * size);
    const rows = counts.reduce((sum, count) => sum + count, 0);
    for (const [column, count] of counts.entries()) {
      if (count === 0 && !all) continue;
      const share = count / Math.max(rows, 1);
      const step = count === 0 ? 0 : 1 + Math.min(6, Math.floor(share * 7));
      const figure = shortCount(count, side >= 28 ? 10_000 : 1000);
      data.push({
        value: [column, row, count],
        itemStyle: { color: HEAT[step]!.light },
        label: {
          show: true,
          formatter: () => (side >= SHARE_SIDE ? `${figure}\n${percent(share)}` : figure),
          color: ON_HEAT[step]!.light,
        },
      });
    }
  }
  return {
    type: 'heatmap',
    data,
    silent: true,
    animation: false,
    itemStyle: {
      borderColor: INK.paper.light,
      borderWidth: all ? 3 : 1,
      borderRadius: all ? 5 : 0,
    },
    label: {
      fontSize: side >= 80 ? 15 : side >= 40 ? 13 : side >= 28 ? 10.5 : 9,
      lineHeight: side >= 80 ? 20 : 17,
      fontFamily: 'inherit',
    },
  };
}
