import { heading, HEADING_HEIGHT, MARGIN, writing } from './heading.ts';
import { INK } from './palette.ts';
import { drawSvg } from './svg-chart.ts';

const WIDTH = 440;
const LINE = 52;

/** In place of a chart that cannot be drawn: why not, in a few words a line. */
export function noticeSvg(name: string, title: string, lines: readonly string[]): string {
  const height = HEADING_HEIGHT + LINE * 2;
  const middle = HEADING_HEIGHT + LINE - MARGIN;
  return drawSvg({
    ...{ name, title, width: WIDTH, height },
    option: {
      graphic: [
        ...heading(title, 'Nothing to draw', WIDTH),
        ...lines.map((line, i) =>
          writing(line, { x: MARGIN, y: middle + 20 * i - 20, tone: INK.text, size: 13 }),
        ),
      ],
    },
  });
}
