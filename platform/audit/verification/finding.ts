/** Something that is not as it was signed. */
export interface Finding {
  readonly chain: string;
  /** The first event that is seen to be bad, or is missing; undefined for what concerns no event. */
  readonly seq?: number | undefined;
  /** Its event name, where it has one. */
  readonly name?: string | undefined;
  /** Where the change may begin: from here on no checkpoint agrees. Undefined when `seq` is certain. */
  readonly from?: number | undefined;
  /** Where the first changed event may lie at the latest, when `seq` is only the first that it can be. */
  readonly to?: number | undefined;
  /** Size of the checkpoint that is wrong, gone or in disagreement. */
  readonly checkpoint?: number | undefined;
  readonly problem: string;
}

/** What was found out about a chain. */
export interface ChainVerdict {
  readonly chain: string;
  readonly size: number;
  /** Events that were looked at. */
  readonly seen: number;
  /** Hex. */
  readonly root: string;
  /** Events that retention took, or that lie before an export. */
  readonly start: number;
  readonly checkpoints: number;
  /** Events that the last agreeing checkpoint covers, and its time. */
  readonly covered: number;
  readonly coveredAt: string | undefined;
  /** The first bad event first. */
  readonly findings: readonly Finding[];
  readonly warnings: readonly string[];
}

/** The findings with the earliest event first; those about no event come last. */
export function inOrder(findings: readonly Finding[]): Finding[] {
  const place = ({ from, seq }: Finding): number => from ?? seq ?? Infinity;
  return findings.toSorted((a, b) => compare(place(a), place(b)));
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** A finding as one line. */
export function described({ chain, seq, name, from, problem }: Finding): string {
  if (seq === undefined) return `${chain}: ${problem}`;
  const event = `event ${seq}${name === undefined ? '' : ` (${name})`}`;
  if (from === undefined || from === seq) return `${chain}: ${event}: ${problem}`;
  return `${chain}: ${event}: ${problem} No checkpoint agrees with the events from ${from} on: the change may begin there.`;
}
