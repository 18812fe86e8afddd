/** Median and range of some measurements. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const low = sorted[Math.floor(middle)] ?? NaN;
  const high = sorted[Math.ceil(middle)] ?? NaN;
  return { median: (low + high) / 2, least: sorted[0] ?? NaN, most: sorted.at(-1) ?? NaN };
}

interface Timed {
  readonly seconds: number;
}

export interface Turns<Ours extends Timed, Other extends Timed> {
  readonly what: string;
  readonly rounds: number;
  readonly say: (line: string) => void;
  ours(): Promise<Ours>;
  other(): Promise<Other>;
  /** Throws when the two did not come to the same. */
  agree(ours: Ours, other: Other): void;
}

export interface Comparison<Ours = Timed, Other = Timed> {
  readonly rounds: number;
  readonly ours: Spread;
  readonly other: Spread;
  readonly lastOurs: Ours;
  readonly lastOther: Other;
}

/** Measures two things in turn, after one round that does not count. */
export async function takeTurns<Ours extends Timed, Other extends Timed>(
  turns: Turns<Ours, Other>,
): Promise<Comparison<Ours, Other>> {
  const { what, rounds, say } = turns;
  const taken: { ours: Ours; other: Other }[] = [];
  for (let round = 0; round <= rounds; round++) {
    const ours = await turns.ours();
    const other = await turns.other();
    turns.agree(ours, other);
    taken.push({ ours, other });
    const name = round === 0 ? 'warm-up' : `${round} of ${rounds}`;
    say(`${what}, ${name}: ${ours.seconds.toFixed(3)} s, other ${other.seconds.toFixed(3)} s`);
  }
  const counted = taken.slice(1);
  const last = counted.at(-1);
  if (!last) throw new Error('At least one round has to be measured.');
  return {
    rounds,
    ours: spread(counted.map(({ ours }) => ours.seconds)),
    other: spread(counted.map(({ other }) => other.seconds)),
    lastOurs: last.ours,
    lastOther: last.other,
  };
}

/** @throws when two numbers are further apart than `tolerance` */
export function agreeOn(name: string, ours: unknown, other: unknown, tolerance = 0): void {
  if (typeof ours === 'number' && typeof other === 'number') {
    if (Math.abs(ours - other) <= tolerance) return;
  } else if (ours === other && ours !== undefined) return;
  throw new Error(`The results differ: ${name} is ${String(ours)} here, ${String(other)} there.`);
}
