/**
 * How threads share out the parts of a phase: one number that says which round of work it is and how
 * many of its parts are taken. A part is taken by raising that number, so that a thread that comes
 * late, from a round that is over, can never take a part twice.
 */

const PART_BITS = 12;
const PART_MASK = (1 << PART_BITS) - 1;
/** More parts a phase do not fit. */
export const MOST_PARTS = PART_MASK - 1;
/** Places in the shared numbers: the ticket, parts done since the start, whether a thread failed, CPU time. */
const TICKET = 0;
const DONE = 1;
const FAILED = 2;
const MILLISECONDS = 3;
/** The ticket when nothing will follow. */
const OVER = -1;
/** A thread that is alive finishes a part long before. */
const PATIENCE_MS = 600_000;

export interface Tickets {
  /** Opens the round; its phase is round modulo the number of phases. */
  open(round: number): void;
  /** Takes a part of the open round: [round, part] in one number, or -1 when none is left. */
  take(partsOf: (round: number) => number): number;
  /** A part is done. */
  done(): void;
  /** A thread gives up. */
  fail(): void;
  /** A thread that helps has used so much CPU time more. */
  spend(milliseconds: number): void;
  /** CPU time of all that helped, in ms. */
  spent(): number;
  /** Sleeps until `parts` parts are done since the start. @throws Error when a thread failed */
  waitForDone(parts: number): void;
  /** Sleeps until there may be a part to take. @returns false when nothing will follow */
  waitForWork(partsOf: (round: number) => number): boolean;
  close(): void;
}

export const createTicketNumbers = (): Int32Array => {
  const numbers = new Int32Array(new SharedArrayBuffer(16));
  numbers[TICKET] = PART_MASK;
  return numbers;
};
export const roundOf = (ticket: number): number => ticket >>> PART_BITS;
export const partOf = (ticket: number): number => ticket & PART_MASK;

/** The same tickets, seen from any thread that has the numbers. */
export function createTickets(numbers: Int32Array): Tickets {
  const isFree = (ticket: number, partsOf: (round: number) => number): boolean =>
    ticket !== OVER && partOf(ticket) < partsOf(roundOf(ticket));
  const announce = (ticket: number): void => {
    Atomics.store(numbers, TICKET, ticket);
    Atomics.notify(numbers, TICKET);
  };
  return {
    open: (round) => announce((round << PART_BITS) & 0x7fffffff),
    take(partsOf) {
      for (;;) {
        const ticket = Atomics.load(numbers, TICKET);
        if (!isFree(ticket, partsOf)) return -1;
        if (Atomics.compareExchange(numbers, TICKET, ticket, ticket + 1) === ticket) return ticket;
      }
    },
    done() {
      Atomics.add(numbers, DONE, 1);
      Atomics.notify(numbers, DONE);
    },
    fail() {
      Atomics.store(numbers, FAILED, 1);
      Atomics.notify(numbers, DONE);
    },
    spend: (milliseconds) => void Atomics.add(numbers, MILLISECONDS, milliseconds),
    spent: () => Atomics.load(numbers, MILLISECONDS),
    waitForDone(parts) {
      for (;;) {
        const done = Atomics.load(numbers, DONE);
        if (Atomics.load(numbers, FAILED) !== 0) throw new Error('A thread of the fit failed.');
        if (done === (parts | 0)) return;
        const woken = Atomics.wait(numbers, DONE, done, PATIENCE_MS);
        if (woken === 'timed-out') throw new Error('A thread of the fit does not answer.');
      }
    },
    waitForWork(partsOf) {
      const ticket = Atomics.load(numbers, TICKET);
      if (ticket === OVER) return false;
      if (!isFree(ticket, partsOf)) Atomics.wait(numbers, TICKET, ticket);
      return Atomics.load(numbers, TICKET) !== OVER;
    },
    close: () => announce(OVER),
  };
}
