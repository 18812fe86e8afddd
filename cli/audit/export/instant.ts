const DAY_MS = 86_400_000;

/** A date, or a time, as a command is told it. A day alone is its first millisecond, or its last; in UTC. @throws TypeError */
export function instantOf(text: string, edge: 'start' | 'end'): Date {
  const time = Date.parse(text);
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(time)) {
    throw new TypeError(`“${text}” is no ISO date, such as 2026-01-31 or 2026-01-31T12:00:00Z.`);
  }
  const wholeDay = /^\d{4}-\d\d-\d\d$/.test(text) && edge === 'end';
  return new Date(wholeDay ? time + DAY_MS - 1 : time);
}
