/**
 * Rough widths in em: those of DejaVu Sans, the widest of the sans-serif fonts that browsers fall
 * back to. Text in a narrower font leaves some room.
 */
const NARROW = 0.36;
const USUAL = 0.62;
const BROAD = 0.72;
const WIDEST = 0.95;
const FULL = 1.05;

const BOLDER = 1.12;
/** No grapheme is wider than this many code units: marks may pile up on one letter without end. */
const LONGEST_GRAPHEME = 16;

const ASCII = /^[\u0020-\u007e]*$/;
const WIDE =
  /\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{20000}-\u{3fffd}]/u;

let segmenter: Intl.Segmenter | undefined;

/** What a reader takes for single characters, in order. */
function graphemes(text: string): string[] {
  if (ASCII.test(text)) return [...text];
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return Array.from(segmenter.segment(text), ({ segment }) =>
    segment.slice(0, LONGEST_GRAPHEME).toWellFormed(),
  );
}

function emWidth(grapheme: string): number {
  if (/^[ ijlI.,:;'|!()[\]ftr]/.test(grapheme)) return NARROW;
  if (/^[mwMW@%—…<>=+~#&]/.test(grapheme)) return WIDEST;
  if (WIDE.test(grapheme)) return FULL;
  return /^[A-Z]/.test(grapheme) ? BROAD : USUAL;
}

/** Estimated width in pixels; a renderer without a browser cannot measure. */
export function textWidth(text: string, fontSize: number, bold = false): number {
  let em = 0;
  for (const grapheme of graphemes(text)) em += emWidth(grapheme);
  return em * fontSize * (bold ? BOLDER : 1);
}

/**
 * The text, or its beginning and end around an ellipsis, within `width` pixels: names of one
 * family often differ only at their end. Never cuts a character in two.
 */
export function shorten(text: string, width: number, fontSize: number, bold = false): string {
  if (textWidth(text, fontSize, bold) <= width) return text;
  const all = graphemes(text);
  const room = width / (fontSize * (bold ? BOLDER : 1)) - emWidth('…');
  let head = 0;
  let tail = all.length;
  let used = 0;
  // Two from the front for each one from the back.
  for (let turn = 0; head < tail; turn++) {
    const next = turn % 3 === 2 ? all[tail - 1] : all[head];
    used += emWidth(next ?? '');
    if (used > room) break;
    if (turn % 3 === 2) tail -= 1;
    else head += 1;
  }
  return `${all.slice(0, head).join('').trimEnd()}…${all.slice(tail).join('').trimStart()}`;
}
