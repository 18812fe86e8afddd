import { escapeMarkdown, markdownCode } from '../text/markup.ts';
import type { CardContent, Table } from './card-content.ts';

/** The card as GitHub-flavoured Markdown, also fit for MLflow's note of a run. */
export function cardMarkdown(card: CardContent): string {
  const sections = [
    `# ${escapeMarkdown(card.title)}`,
    ...(card.warnings.length > 0
      ? [card.warnings.map((warning) => `> **Warning:** ${escapeMarkdown(warning)}`).join('\n>\n')]
      : []),
    escapeMarkdown(card.summary),
    `**${escapeMarkdown(card.verdict.sentence)}**`,
    table({
      columns: ['Metric', 'This model', `Baseline: ${card.baselineName}`, ''],
      rows: card.headline.map(({ name, value, baseline, note }) => [name, value, baseline, note]),
    }),
    ...(card.findings.length > 0
      ? [
          '## What to look at next',
          card.findings.map((finding) => `- ${escapeMarkdown(finding)}`).join('\n'),
        ]
      : []),
    ...['## Classes', table(card.classes)],
    ...(card.data.rows.length > 0 ? ['## Data', table(card.data)] : []),
    '## Load the model',
    ['```python', ...card.code, '```'].join('\n'),
    '## Where it comes from',
    [
      ...card.details.map(
        ({ name, value }) => `- ${escapeMarkdown(name)}: ${escapeMarkdown(value)}`,
      ),
      ...card.hashes.map(
        ({ name, value }) => `- SHA-256 of ${escapeMarkdown(name)}: ${markdownCode(value)}`,
      ),
      ...card.links.map(({ name, url }) => `- ${escapeMarkdown(name)}: ${link(url)}`),
    ].join('\n'),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** An address as itself, so that it can be read and copied; anything odd stays text. */
function link(url: string): string {
  return /^https?:\/\/[^\s<>\\]+$/.test(url) ? `<${url}>` : escapeMarkdown(url);
}

function table({ columns, rows, more }: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [
    line(columns),
    `|${columns.map((_, at) => (at === 0 ? ' :-- ' : ' --: ')).join('|')}|`,
    ...rows.map(line),
    ...(more === undefined ? [] : ['', escapeMarkdown(more)]),
  ].join('\n');
}
