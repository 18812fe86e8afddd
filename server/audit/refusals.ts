import { SERVICE_CHAIN } from '../../schemas/audit-event.ts';
import type { Caller } from '../../schemas/caller.ts';
import type { FailureCode } from '../../schemas/failure.ts';
import type { AuditLog } from '../../platform/audit/audit-log.ts';
import type { Recorded } from '../../platform/audit/new-event.ts';
import type { Logger } from '../../platform/logging.ts';

export interface Refusal {
  readonly code: FailureCode;
  /** Undefined for a stranger. */
  readonly caller?: Caller | undefined;
  /** Where the request came from, if that is known. */
  readonly address?: string | undefined;
}

/** Counts what is refused again and again: a flood shall not make the log grow as it likes. */
export interface Refusals {
  add(refusal: Refusal): void;
  /** Writes what has been counted. */
  close(): Promise<void>;
}

export interface RefusalDependencies {
  readonly log: Pick<AuditLog, 'record'>;
  readonly logger: Pick<Logger, 'warn'>;
  readonly now?: () => number;
  /** Between two events of a chain about the same code. */
  readonly everyMs?: number;
}

interface Sum {
  readonly count: number;
  readonly since: number;
  readonly addresses: ReadonlySet<string>;
  readonly users: ReadonlySet<string>;
}

interface Window {
  readonly chain: string;
  readonly code: FailureCode;
  sum: Sum | undefined;
  timer: NodeJS.Timeout | undefined;
}

const EVERY_MILLISECONDS = 10_000;
/** More are counted as so many. */
const MOST_NAMES = 1000;

/** The first refusal of its kind is written at once, those that follow together. */
export function createRefusals(deps: RefusalDependencies): Refusals {
  const { log, logger, now = Date.now, everyMs = EVERY_MILLISECONDS } = deps;
  const windows = new Map<string, Window>();
  const writing = new Set<Promise<void>>();

  async function write(window: Window, sum: Sum): Promise<void> {
    window.sum = undefined;
    try {
      await log.record(refusedEvent(window, sum));
    } catch (error) {
      window.sum = window.sum ? added(sum, window.sum) : sum;
      logger.warn({ err: error, refused: sum.count }, 'refusals could not be recorded');
    }
  }

  function flush(window: Window): void {
    const { chain, code, sum } = window;
    if (!sum) return void windows.delete(keyOf(chain, code));
    const written = write(window, sum).finally(() => writing.delete(written));
    writing.add(written);
    window.timer = setTimeout(() => flush(window), everyMs).unref();
  }

  return {
    add({ code, caller, address }) {
      const chain = caller?.tenant ?? SERVICE_CHAIN;
      const known = windows.get(keyOf(chain, code));
      const window = known ?? { chain, code, sum: undefined, timer: undefined };
      const one = {
        count: 1,
        since: now(),
        addresses: only(address),
        users: only(caller?.subject),
      };
      window.sum = window.sum ? added(window.sum, one) : one;
      if (known) return;
      windows.set(keyOf(chain, code), window);
      flush(window);
    },
    async close() {
      for (const { timer } of windows.values()) clearTimeout(timer);
      await Promise.all(writing);
      const left = [...windows.values()].flatMap((window) =>
        window.sum ? [write(window, window.sum)] : [],
      );
      await Promise.all(left);
    },
  };
}

function refusedEvent({ chain, code }: Window, sum: Sum): Recorded {
  const { count, since, addresses, users } = sum;
  const [user] = users;
  return {
    ...{ name: 'access.refused', chain },
    fields: {
      ...{ 'error.type': code, count, since: new Date(since).toISOString() },
      addresses: addresses.size,
      ...(users.size === 1 && user !== undefined && { 'user.id': user }),
    },
  };
}

function added(earlier: Sum, later: Sum): Sum {
  return {
    count: earlier.count + later.count,
    since: earlier.since,
    addresses: union(earlier.addresses, later.addresses),
    users: union(earlier.users, later.users),
  };
}

function union(some: ReadonlySet<string>, more: ReadonlySet<string>): ReadonlySet<string> {
  const fresh = some.size >= MOST_NAMES ? [] : [...more].filter((name) => !some.has(name));
  return fresh.length === 0 ? some : new Set([...some, ...fresh]);
}

const only = (name: string | undefined): ReadonlySet<string> =>
  new Set(name === undefined ? [] : [name]);
const keyOf = (chain: string, code: FailureCode): string => `${chain} ${code}`;
