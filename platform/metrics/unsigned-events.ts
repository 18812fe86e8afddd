/** Since when there are events that no signed checkpoint covers, as far as one process knows. */
export interface UnsignedEvents {
  /** Something has been appended. */
  appended(): void;
  /** All chains are being signed; what is appended meanwhile may miss it. @returns to be told how that ended */
  signing(): (allSigned: boolean) => void;
  /** Age of the oldest such event, 0 where there is none. */
  seconds(): number;
}

export function createUnsignedEvents(now: () => number = Date.now): UnsignedEvents {
  /** Of the first event before the signing that goes on or has failed, and of the first one since. */
  let before: number | undefined;
  let since: number | undefined;
  return {
    appended() {
      since ??= now();
    },
    signing() {
      before ??= since;
      since = undefined;
      return (allSigned) => {
        if (allSigned) before = undefined;
      };
    },
    seconds() {
      const oldest = before ?? since;
      return oldest === undefined ? 0 : (now() - oldest) / 1000;
    },
  };
}
