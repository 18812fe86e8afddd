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

/** As long as an answer may be unless its caller asks for more: below a thousand. */
export const ANSWER_TOKENS = 960;

/** Words, groups of digits, punctuation; of other scripts each character. */
const PIECES = /[A-Z]?[a-z]+|[A-Z]+|\d{1,3}|[!-/:-@[-`{-~]+|[^\0-\x7f]/gu;
/** A longer word is hardly one that tokenizers know. */
const LONGEST_WORD = 10;

/**
 * About how many tokens of a language model a value takes as JSON, rather too many. Characters tell little:
 * of prose a token has four or five, of ids and numbers hardly two.
 */
export function tokensOf(value: unknown): number {
  const pieces = JSON.stringify(value).match(PIECES) ?? [];
  return pieces.reduce((sum, piece) => sum + tokensOfPiece(piece), 0);
}

function tokensOfPiece(piece: string): number {
  if (/[a-z]/i.test(piece)) return piece.length > LONGEST_WORD ? Math.ceil(piece.length / 3) : 1;
  // Two UTF-16 units: an emoji, for one.
  return piece > '\x7f' && piece.length > 1 ? 3 : Math.ceil(piece.length / 3);
}

/** Space for rows of an answer, in tokens. */
export interface Room {
  /** Those of the rows that there is still space for. */
  readonly fitting: <Row>(rows: readonly Row[]) => Row[];
  /** True when one had to be left out. */
  readonly exceeded: boolean;
}

export function createRoom(tokens: number): Room {
  let left = tokens;
  let exceeded = false;
  return {
    fitting: (rows) =>
      rows.filter((row) => {
        const needed = tokensOf(row);
        const fits = needed <= left;
        if (fits) left -= needed;
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
