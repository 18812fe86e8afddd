import { CARD_STYLE } from '../../../activities/report/card/card-style.ts';
import { escapeHtml as text } from '../../../activities/report/text/markup.ts';
import type { Exported } from '../../../platform/audit/export/export-audit.ts';
import { inWords } from '../../../server/audit/event-words.ts';
import type { AuditEvent } from '../../../schemas/audit-event.ts';
import { attemptRows, hashRows, textRows } from './report-rows.ts';

/** Nothing may be fetched or run, whatever a name in an event tries. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
/** Of an event, as it stands in a cell of its own. */
const TIME = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;
/** Left-aligned throughout: these tables hold words. */
const STYLE = `${CARD_STYLE}th,td{text-align:left;white-space:normal}td:first-child{padding-left:0}td time{white-space:nowrap}td{overflow-wrap:break-word}td:last-child{overflow-wrap:anywhere;min-width:18em}`;

export interface Report {
  readonly exported: Exported;
  /** Those that are shown; all stand in events.jsonl and events.csv. */
  readonly events: readonly AuditEvent[];
  /** A line each: what became of MLflow's record, Temporal's histories, private texts. */
  readonly notes: readonly string[];
  /** Private texts by their commitments, as far as they are exported. */
  readonly texts: ReadonlyMap<string, string>;
  /** The signed tree head that covers the events. */
  readonly checkpoint: {
    readonly time: string;
    readonly size: number;
    readonly root: string;
    readonly key_id: string;
  };
}

/** An export as one page for a person: no script, no other file. */
export function reportHtml({ exported, events, notes, texts, checkpoint }: Report): string {
  const title =
    exported.kind === 'run'
      ? `Audit trail of ${exported.workflow_id}`
      : `Audit log of ${exported.chain}, ${exported.from} to ${exported.to}`;
  const left = exported.events - events.length;
  const body = [
    `<header><p class="kind">Audit log, chain ${text(exported.chain)}</p><h1>${text(title)}</h1>`,
    `<p>${exported.events} events, covered by the checkpoint of ${text(checkpoint.time)}.</p></header>`,
    section(
      'Who did what, when',
      exported.kind === 'run'
        ? table(['When (UTC)', 'Event', 'What'], timelineRows(events))
        : table(
            ['When (UTC)', 'Event', 'What', 'Run'],
            timelineRows(events).map((row, i) => [...row, runOf(events[i])]),
          ),
    ),
    ...(left > 0 ? [`<p class="note">${left} more stand in events.csv.</p>`] : []),
    section(
      'What was asked for, and why',
      table(['Event', 'By', 'What', 'Text'], textRows(events, texts)),
    ),
    section(
      'Steps and their attempts',
      table(
        ['Step', 'Attempt', 'Started', 'Took', 'Outcome', 'Failure', 'By', 'Run, execution'],
        attemptRows(events),
      ),
    ),
    section(
      'Data, models and results (SHA-256)',
      table(['What', 'Value', 'Event'], hashRows(events)),
    ),
    section('Beside the log', `<ul>${notes.map((note) => `<li>${text(note)}</li>`).join('')}</ul>`),
    section(
      'The signed checkpoint',
      table(
        ['Field', 'Value'],
        Object.entries(checkpoint).map(([field, value]) => [field, String(value)]),
      ),
    ),
    section(
      'How to verify it',
      `<p>Both commands, run where the product or its examples lie, need this folder and the public key, which the operator hands over by another way. The second needs Python with the package cryptography.</p><pre>${text('npm run --silent durable-experiments -- audit verify <this folder> --key audit-key.pem\npython examples/verify_audit.py <this folder> audit-key.pem')}</pre>`,
    ),
  ].join('\n');
  return (
    '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n' +
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n' +
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">\n` +
    `<title>${text(title)}</title>\n<style>body{font-family:system-ui,sans-serif}${STYLE}</style>\n` +
    `</head>\n<body>\n<main>\n${body}\n</main>\n</body>\n</html>\n`
  );
}

function timelineRows(events: readonly AuditEvent[]): string[][] {
  return events.map((event) => [
    event.timestamp,
    `${event['audit.seq']} ${event['event.name']}`,
    inWords(event),
  ]);
}

function runOf(event: AuditEvent | undefined): string {
  const id = (event as Readonly<Record<string, unknown>> | undefined)?.['temporal.workflow_id'];
  return typeof id === 'string' ? id : '';
}

function section(title: string, inside: string): string {
  return `<section><h2>${text(title)}</h2>${inside}</section>`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '<p class="note">None.</p>';
  const head = heads.map((name) => `<th scope="col">${text(name)}</th>`).join('');
  const lines = rows.map(
    (row) =>
      `<tr>${row.map((cell) => `<td>${TIME.test(cell) ? `<time>${text(cell)}</time>` : text(cell)}</td>`).join('')}</tr>`,
  );
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${lines.join('\n')}</tbody></table></div>`;
}
