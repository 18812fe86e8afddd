export const FONT =
  "Inter,system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif";

/** A colour of the charts: as the SVG's attributes hold it, and what it becomes in the dark. */
export interface Tone {
  readonly light: string;
  readonly dark: string;
}

const tone = (light: string, dark: string): Tone => ({ light, dark });

/** No two tones share a light colour: it is what a style sheet finds them by. */
export const INK = {
  paper: tone('#ffffff', '#14181f'),
  strong: tone('#182230', '#eef1f6'),
  text: tone('#344054', '#cdd4df'),
  muted: tone('#667085', '#98a2b3'),
  axis: tone('#c4cad4', '#465062'),
  grid: tone('#e9ecf1', '#262d38'),
  chance: tone('#98a1b0', '#6f7a8c'),
} as const satisfies Record<string, Tone>;

/** The first is also the colour of a single curve; red and green are never each other's only opposite. */
export const CLASS_TONES: readonly Tone[] = [
  tone('#2f6fde', '#6ea3ff'),
  tone('#d9622b', '#f39a6b'),
  tone('#1b9e77', '#4fcfa3'),
  tone('#8250c4', '#b899f2'),
  tone('#b98a00', '#e0bb4a'),
  tone('#c63d84', '#ef8bbd'),
  tone('#0e8fa8', '#52c3d9'),
  tone('#5a6472', '#a7b1c0'),
];

/** Weights that speak for, and against. */
export const FOR = CLASS_TONES[0]!;
export const AGAINST = CLASS_TONES[1]!;

/** A soft fill under what the first class colour draws. */
export const SOFT = tone('#dbe7fb', '#1f3358');

/** From no row to all of them. */
export const HEAT: readonly Tone[] = [
  tone('#f5f7fa', '#1b212a'),
  tone('#e3edfc', '#1c2b45'),
  tone('#c8dbf8', '#1f3962'),
  tone('#a4c4f2', '#254a84'),
  tone('#7ba8ea', '#2f5fa9'),
  tone('#4f88df', '#3f7ad0'),
  tone('#2f68c4', '#6b9ff0'),
  tone('#1e4a96', '#a3c5fc'),
];

/** Figures on the fill of the same position. */
export const ON_HEAT: readonly Tone[] = [
  tone('#98a2b2', '#5d6879'),
  tone('#182231', '#dfe6f1'),
  tone('#182232', '#e6ecf5'),
  tone('#182233', '#eef2f9'),
  tone('#182234', '#f6f9ff'),
  tone('#fffffe', '#fdfeff'),
  tone('#fffffd', '#0d1420'),
  tone('#fffffc', '#0d1421'),
];

const TONES: readonly Tone[] = [...Object.values(INK), ...CLASS_TONES, SOFT, ...HEAT, ...ON_HEAT];

/**
 * The style sheet that turns the drawn colours dark where the reader prefers it. It finds them by
 * their attribute, so that a program without style sheets still draws the light ones.
 * @param drawn only tones that this SVG uses get a rule
 */
export function darkRules(drawn: string): string {
  return TONES.filter(({ light }) => drawn.includes(light))
    .map(({ light, dark }) => `[fill="${light}"]{fill:${dark}}[stroke="${light}"]{stroke:${dark}}`)
    .join('');
}
