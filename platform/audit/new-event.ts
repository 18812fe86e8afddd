import { randomUUID } from 'node:crypto';

import {
  eventProblem,
  LONGEST_TEXT,
  type EventFields,
  type EventName,
} from '../../schemas/audit-event.ts';
import type { NewEvent, PlacelessEvent } from './append-events.ts';
import type { PrivateRow } from './database/tables.ts';

/** An event as whoever records it says it. */
export type Recorded = {
  [Name in EventName]: {
    readonly name: Name;
    readonly fields: EventFields<Name>;
    /** Tenant, or SERVICE_CHAIN. */
    readonly chain: string;
    /** For what can be told twice: the same id is recorded once. */
    readonly id?: string | undefined;
    readonly secrets?: readonly Omit<PrivateRow, 'chain'>[] | undefined;
  };
}[EventName];

/** Who records: the same in all events of a process. */
export interface Recorder {
  readonly role: PlacelessEvent['service.role'];
  readonly version: string;
  readonly instance: string;
}

/** An event as it is appended. @throws TypeError for what is none: nothing gets in that a verifier would take for touched */
export function newEvent(
  { name, fields, chain, id, secrets = [] }: Recorded,
  recorder: Recorder,
  now: number,
): NewEvent {
  const event = boundedTexts({
    'event.version': 1,
    'event.name': name,
    'event.id': id ?? randomUUID(),
    'audit.chain': chain,
    timestamp: new Date(now).toISOString(),
    'service.role': recorder.role,
    'service.version': recorder.version,
    'service.instance.id': recorder.instance,
    ...fields,
  });
  const problem = eventProblem({ ...event, 'audit.seq': 1 });
  if (problem !== undefined) throw new TypeError(`no audit event: ${problem}`);
  return { event: event as PlacelessEvent, fresh: id === undefined, secrets };
}

/** Names may come from callers: what is too long for an event is cut. */
function boundedTexts(event: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const bounded = Object.entries(event).flatMap(([field, value]) => {
    if (value === undefined) return [];
    return [[field, typeof value === 'string' ? boundedText(value) : value]] as const;
  });
  return Object.fromEntries(bounded);
}

/** PostgreSQL’s texts hold no U+0000. */
function boundedText(text: string): string {
  return text.slice(0, LONGEST_TEXT).toWellFormed().replaceAll('\0', '\u{fffd}');
}
