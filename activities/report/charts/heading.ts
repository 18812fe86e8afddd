import { shorten } from '../text/text-width.ts';
import { INK, type Tone } from './palette.ts';

/** What is written or drawn beside the axes, in pixels from the left and the top. */
export type Mark =
  | {
      readonly type: 'text';
      readonly silent: true;
      readonly style: {
        readonly text: string;
        readonly x: number;
        readonly y: number;
        readonly fill: string;
        readonly fontSize: number;
        readonly fontFamily: string;
        readonly fontWeight: number;
        readonly align: 'left' | 'center' | 'right';
        readonly verticalAlign: 'middle';
      };
    }
  | {
      readonly type: 'circle';
      readonly silent: true;
      readonly shape: { readonly cx: number; readonly cy: number; readonly r: number };
      readonly style: { readonly fill: string };
    };

export const MARGIN = 16;
/** Where the part below title and subtitle begins. */
export const HEADING_HEIGHT = 68;
export const FONT_SIZE = 12;

export interface Writing {
  readonly x: number;
  readonly y: number;
  readonly tone?: Tone;
  readonly size?: number;
  readonly bold?: boolean;
  readonly align?: 'left' | 'center' | 'right';
}

/** One line of text, its middle at the height y. */
export function writing(text: string, { x, y, ...look }: Writing): Mark {
  return {
    type: 'text',
    silent: true,
    style: {
      text,
      x,
      y,
      fill: (look.tone ?? INK.text).light,
      fontSize: look.size ?? FONT_SIZE,
      fontFamily: 'inherit',
      fontWeight: look.bold ? 600 : 400,
      align: look.align ?? 'left',
      verticalAlign: 'middle',
    },
  };
}

/** The name of a chart and, below, its message, cut to the chart's width. */
export function heading(title: string, message: string, width: number): Mark[] {
  const room = width - 2 * MARGIN;
  return [
    writing(shorten(title, room, 15, true), {
      x: MARGIN,
      y: 23,
      size: 15,
      bold: true,
      tone: INK.strong,
    }),
    writing(shorten(message, room, FONT_SIZE), { x: MARGIN, y: 44, tone: INK.muted }),
  ];
}
