import type { AuditEvent } from '../../../schemas/audit-event.ts';

type Fields = Readonly<Record<string, unknown>>;

/** One row an attempt: what started, and how it ended, if it did. */
export function attemptRows(events: readonly AuditEvent[]): string[][] {
  const attempts = new Map<string, { started?: Fields; ended?: Fields }>();
  for (const event of events) {
    const { 'event.name': name, ...fields } = event as Fields;
    if (name !== 'attempt.started' && name !== 'attempt.ended') continue;
    const key = [
      'temporal.workflow_id',
      'temporal.run_id',
      'temporal.activity_id',
      'temporal.attempt',
    ]
      .map((field) => said(fields[field]))
      .join(' ');
    attempts.set(key, {
      ...attempts.get(key),
      [name === 'attempt.started' ? 'started' : 'ended']: fields,
    });
  }
  return [...attempts.values()].map(({ started, ended }) => {
    const any = started ?? ended ?? {};
    return [
      said(any['temporal.activity']),
      said(any['temporal.attempt']),
      said(started?.timestamp),
      ended ? `${said(ended.duration_ms)} ms` : '',
      ended ? said(ended.outcome) : 'did not end',
      said(ended?.['error.type']),
      `${said(any['service.instance.id'])}, ${said(any['service.version'])}`,
      `${said(any['temporal.workflow_id'])}, ${said(any['temporal.run_id'])}`,
    ];
  });
}

/** The texts behind commitments: arguments and reasons, with who gave them. */
export function textRows(
  events: readonly AuditEvent[],
  texts: ReadonlyMap<string, string>,
): string[][] {
  return events.flatMap((event) => {
    const fields: Fields = event;
    return ['arguments', 'reason'].flatMap((what) => {
      const commitment = fields[`${what}.commitment`];
      if (typeof commitment !== 'string') return [];
      return [
        [
          `${event['audit.seq']} ${event['event.name']}`,
          said(fields['user.id']),
          what,
          texts.get(commitment) ?? 'erased, or left out of this export',
        ],
      ];
    });
  });
}

/** The hashes that events name, each of them once: of data, splits, models, results and versions. */
export function hashRows(events: readonly AuditEvent[]): string[][] {
  const seen = new Set<string>();
  return events.flatMap((event) =>
    Object.entries(event)
      .filter(([field]) => field.endsWith('.sha256') && !field.startsWith('checkpoint.'))
      .filter(
        ([field, value]) =>
          !seen.has(`${field} ${said(value)}`) && seen.add(`${field} ${said(value)}`),
      )
      .map(([field, value]) => [
        field,
        said(value),
        `${event['audit.seq']} ${event['event.name']}`,
      ]),
  );
}

function said(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
