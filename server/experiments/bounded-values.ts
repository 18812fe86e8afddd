/** Cuts texts for an answer of bounded size, and knows whether it had to. */
export interface TextCutter {
  /** At most `longest` code points of it, from `start` on, with '…' where something is missing. */
  readonly cut: (text: string, from?: { readonly start: number }) => string;
  readonly isLong: (text: string) => boolean;
  readonly used: boolean;
}

export function createTextCutter(longest: number): TextCutter {
  let used = false;
  return {
    cut(text, { start } = { start: 0 }) {
      if (start === 0 && text.length <= longest) return text;
      const rest = Array.from(text).slice(start);
      const tooLong = rest.length > longest;
      if (start > 0 || tooLong) used = true;
      const kept = tooLong ? `${rest.slice(0, longest - 1).join('')}…` : rest.join('');
      return start > 0 ? `…${kept}` : kept;
    },
    isLong: (text) => text.length > longest,
    get used() {
      return used;
    },
  };
}

/** Space for rows of an answer, in characters of JSON. */
export interface Room {
  /** Those of the rows that there is still space for. */
  readonly fitting: <Row>(rows: readonly Row[]) => Row[];
  /** True when one had to be left out. */
  readonly exceeded: boolean;
}

export function createRoom(characters: number): Room {
  let left = characters;
  let exceeded = false;
  return {
    fitting: (rows) =>
      rows.filter((row) => {
        const { length } = JSON.stringify(row);
        const fits = length <= left;
        if (fits) left -= length;
        else exceeded = true;
        return fits;
      }),
    get exceeded() {
      return exceeded;
    },
  };
}

/** To so many significant digits; null for what JSON can't hold. */
export function roundedMetric(value: number | undefined, digits = 6): number | null {
  return value !== undefined && Number.isFinite(value) ? Number(value.toPrecision(digits)) : null;
}

/** The metrics that a run is known by, the most telling first; of log_loss less is better. */
export const HEADLINE_METRICS = [
  'accuracy',
  'f1_weighted',
  'log_loss',
  'roc_auc',
  'roc_auc_ovr_weighted',
] as const;
