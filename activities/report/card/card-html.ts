import { darkRules, FONT } from '../charts/palette.ts';
import { escapeHtml } from '../text/markup.ts';
import type { CardContent, Detail, Table } from './card-content.ts';
import { CARD_STYLE } from './card-style.ts';

/** Nothing may be fetched or run, whatever a label tries; the style and the charts are inline. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/**
 * The card as one page: no script, no other file, light and dark, from a phone to a wide screen.
 * @param charts SVG elements without style sheets, in their order
 */
export function cardHtml(card: CardContent, charts: readonly string[]): string {
  const pictures = charts.map(figure).join('\n');
  const body = [
    `<header><p class="kind">Run card</p><h1>${text(card.title)}</h1>`,
    ...card.warnings.map((warning) => `<p class="warning"><b>Warning</b> ${text(warning)}</p>`),
    `<p>${text(card.summary)}</p></header>`,
    `<p class="verdict ${card.verdict.verdict}">${text(card.verdict.sentence)}</p>`,
    headline(card),
    ...(card.findings.length > 0
      ? [section('What to look at next', `<ul>${items(card.findings)}</ul>`)]
      : []),
    `<div class="charts">${pictures}</div>`,
    section('Classes', table(card.classes)),
    ...(card.data.rows.length > 0 ? [section('Data', table(card.data))] : []),
    section('Load the model', `<pre>${text(card.code.join('\n'))}</pre>`),
    section('Where it comes from', provenance(card)),
  ].join('\n');
  return (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    '<meta name="color-scheme" content="light dark">\n' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n` +
    `<title>${text(card.title)}</title>\n<style>body{font-family:${FONT}}${CARD_STYLE}` +
    `@media (prefers-color-scheme:dark){${darkRules(pictures)}}</style>\n` +
    `</head>\n<body>\n<main>\n${body}\n</main>\n</body>\n</html>\n`
  );
}

/** Pixels beyond which a chart is no longer readable beside another. */
const WIDE = 540;

const text = escapeHtml;

/** A picture that needs it gets the width of two. */
function figure(svg: string): string {
  const width = Number(/ width="(\d+)"/.exec(svg)?.[1]);
  return `<figure${width > WIDE ? ' class="wide"' : ''}>${svg}</figure>`;
}

function section(title: string, inside: string): string {
  return `<section><h2>${text(title)}</h2>${inside}</section>`;
}

function items(texts: readonly string[]): string {
  return texts.map((item) => `<li>${text(item)}</li>`).join('');
}

function headline({ headline: metrics, baselineName }: CardContent): string {
  const tiles = metrics.map(
    ({ name, value, baseline, note }) =>
      `<div class="tile"><p class="name">${text(name)}</p><p class="value">${text(value)}</p>` +
      `<p class="note">baseline ${text(baseline)}<br>${text(note)}</p></div>`,
  );
  return `<div class="tiles">${tiles.join('')}</div><p class="note">Baseline: ${text(baselineName)}.</p>`;
}

/** Names from the data are isolated, so that their writing direction stays theirs. */
function table({ columns, rows, more }: Table): string {
  const head = columns.map((column) => `<th scope="col">${text(column)}</th>`).join('');
  const lines = rows.map(
    ([name, ...cells]) =>
      `<tr><th scope="row"><bdi>${text(name ?? '')}</bdi></th>` +
      `${cells.map((cell) => `<td>${text(cell)}</td>`).join('')}</tr>`,
  );
  return (
    `<div class="scroll"><table><thead><tr>${head}</tr></thead>` +
    `<tbody>${lines.join('')}</tbody></table></div>` +
    (more === undefined ? '' : `<p class="note">${text(more)}</p>`)
  );
}

function provenance({ details, hashes, links }: CardContent): string {
  const row = ({ name, value }: Detail): string => `<dt>${text(name)}</dt><dd>${text(value)}</dd>`;
  const hash = ({ name, value }: Detail): string =>
    `<dt>${text(name)}</dt><dd class="hash">${text(value)}</dd>`;
  return (
    `<dl>${details.map(row).join('')}${links.map(link).join('')}</dl>` +
    (hashes.length === 0 ? '' : `<h3>SHA-256</h3><dl>${hashes.map(hash).join('')}</dl>`)
  );
}

/** The whole address is shown: MLflow's sandbox opens no link, but it can be copied. */
function link({ name, url }: { readonly name: string; readonly url: string }): string {
  const shown = text(url);
  const target = /^https?:\/\//i.test(url)
    ? `<a href="${shown}" target="_blank" rel="noopener noreferrer">${shown}</a>`
    : shown;
  return `<dt>${text(name)}</dt><dd>${target}</dd>`;
}
