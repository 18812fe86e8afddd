import { RunningMoments, type Moments } from './running-moments.ts';

export interface TextLengths {
  /** In Unicode characters; `zeros` counts the empty texts. */
  readonly characters: Moments;
  /** Runs of characters between ASCII white space. */
  readonly words: Moments;
}

const SPACE = 0x20;

/** Lengths of texts in UTF-8, counted on their bytes: nothing is decoded or copied. */
export class RunningTextLengths {
  private readonly lengths = new RunningMoments(2);
  private readonly one = new Float64Array(2);

  /**
   * @param bytes UTF-8
   * @param offsets [texts + 1] text i is bytes[offsets[i]] up to bytes[offsets[i + 1]]
   */
  add(bytes: Uint8Array, offsets: Float64Array): void {
    for (let i = 0; i + 1 < offsets.length; i++) this.addText(bytes, offsets[i]!, offsets[i + 1]!);
  }

  lengthsSoFar(): TextLengths {
    const [characters, words] = this.lengths.moments();
    return { characters: characters!, words: words! };
  }

  private addText(bytes: Uint8Array, start: number, end: number): void {
    let characters = 0;
    let words = 0;
    let inWord = false;
    for (let at = start; at < end; at++) {
      const byte = bytes[at]!;
      // A byte 10xxxxxx continues a character.
      if ((byte & 0xc0) === 0x80) continue;
      characters += 1;
      const isSpace = byte === SPACE || (byte >= 0x09 && byte <= 0x0d);
      if (!isSpace && !inWord) words += 1;
      inWord = !isSpace;
    }
    this.one[0] = characters;
    this.one[1] = words;
    this.lengths.add(this.one);
  }
}
