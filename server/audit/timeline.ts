import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { AuditTrail } from '../../schemas/get-audit.ts';
import { inWords } from './event-words.ts';

/** Events as a person reads them, one line each; the day stands where it changes. */
export function timeline(events: readonly AuditEvent[]): AuditTrail['events'] {
  let day = '';
  return events.map((event) => {
    const [date = '', time = ''] = event.timestamp.replace('Z', '').split('T');
    const when = date === day ? time : `${date} ${time}`;
    day = date;
    return {
      seq: event['audit.seq'],
      event: event['event.name'],
      line: `${when} ${inWords(event)}`,
    };
  });
}
