import { init } from 'echarts/dist/echarts.esm.min';
import type { EChartsOption } from 'echarts';

import { escapeHtml } from '../text/markup.ts';
import { darkRules, FONT, INK } from './palette.ts';

export interface Chart {
  /** Short and unique among the charts of a page: ids within the SVG begin with it. */
  readonly name: string;
  readonly title: string;
  readonly width: number;
  readonly height: number;
  readonly option: EChartsOption;
}

/** Stands for the font in what the library writes; the SVG's root says it once. */
const INHERITED = 'inherit';

/**
 * Draws a chart as the inside of a page: without a style sheet, its colours the light ones. Equal
 * charts give equal bytes, whatever was drawn before.
 */
export function drawSvg({ name, title, width, height, option }: Chart): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height, locale: 'EN' });
  try {
    chart.setOption({
      animation: false,
      textStyle: { fontFamily: INHERITED, color: INK.text.light },
      ...option,
    });
    return tidied(chart.renderToSVGString(), { name, title, width, height });
  } finally {
    chart.dispose();
  }
}

/** The SVG as a file of its own, with a dark side. */
export function standalone(svg: string): string {
  const end = svg.indexOf('>') + 1;
  const style = `<style>@media (prefers-color-scheme:dark){${darkRules(svg)}}</style>`;
  return `${svg.slice(0, end)}${style}${svg.slice(end)}\n`;
}

/**
 * Takes out what differs from one call to the next or serves no reader: ids numbered over the life
 * of the process, marks for scripts and pointers, invisible shapes, the font of every text. Each pattern holds a
 * quote or a tag's bracket, which no label does: the library escapes them in texts, and nothing
 * from the data is in an attribute.
 */
function tidied(svg: string, { name, title, width, height }: Omit<Chart, 'option'>): string {
  const inside = svg
    .slice(svg.indexOf('>') + 1)
    .replaceAll('\n', '')
    .replace(/ (?:class|pointer-events|xml:space|ecmeta_\w+)="[^"]*"/g, '')
    .replace(/<style ><!\[CDATA\[.*?\]\]><\/style>/, '')
    .replaceAll(`font-family:${INHERITED};`, '')
    .replace(/(="(?:url\()?#?)zr\d+-/g, `$1${name}-`)
    .replace(/><\/(?:path|rect|circle|polyline|polygon|line)>/g, '/>')
    .replace(/<(?:path|rect)(?: (?:d|x|y|width|height|transform)="[^"]*")* fill="none"\/>/g, '');
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" ` +
    `height="${height}" role="img" aria-label="${escapeHtml(title)}" font-family="${FONT}">` +
    `<rect width="100%" height="100%" fill="${INK.paper.light}"/>${inside}`
  );
}
