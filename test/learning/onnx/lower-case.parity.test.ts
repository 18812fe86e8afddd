import { describe, expect, it } from 'vitest';

import { GraphBuilder } from '../../../learning/onnx/graph-builder.ts';
import { addLowerCase } from '../../../learning/onnx/lower-case.ts';
import { encodeModel } from '../../../learning/onnx/messages.ts';
import { integers } from '../../../learning/onnx/tensor.ts';
import { createRandomState } from '../../../learning/random/random-state.ts';
import { runModels } from './reference.ts';

/** A model that does nothing but lower-case, for a vocabulary of the given letters. */
function lowerCaseModel(terms: readonly string[]): { bytes: Uint8Array<ArrayBuffer> } {
  const graph = GraphBuilder.outer('lower_case', ['text', 'lower']);
  const input = graph.input('text', 'string', ['rows', 1]);
  const texts = graph.add('Reshape', [input, graph.constant('flat', integers([-1]))]);
  graph.add('Identity', [addLowerCase(graph, texts, terms)], { as: 'lower' });
  graph.output('lower', 'string', ['rows']);
  const bytes = encodeModel({
    irVersion: 9,
    producerName: 'test',
    docString: '',
    graph: graph.build(),
    opsetImport: [
      { domain: '', version: 20 },
      { domain: 'ai.onnx.ml', version: 3 },
      { domain: 'com.microsoft', version: 1 },
    ],
    metadataProps: [],
  });
  return { bytes };
}

async function lowerCase(terms: readonly string[], texts: readonly string[]): Promise<string[]> {
  const column = { name: 'text', type: 'string', values: texts } as const;
  const [answer] = await runModels([{ model: lowerCaseModel(terms), columns: [column] }]);
  // The graph marks the end of a text with spaces.
  return (answer!.values[0] as string[]).map((text) => text.replace(/ {1,2}$/, ''));
}

const isSurrogate = (point: number): boolean => point >= 0xd800 && point < 0xe000;
const CHARACTERS = Array.from({ length: 0x110000 }, (_, point) => point)
  .filter((point) => !isSurrogate(point))
  .map((point) => String.fromCodePoint(point));

describe('lower case inside a model', () => {
  it('equals toLowerCase for every character of Unicode', async () => {
    const alphabet = CHARACTERS.filter((letter) => letter.toLowerCase() === letter).join('');
    const texts: string[] = [];
    for (let i = 0; i < CHARACTERS.length; i += 2000) {
      texts.push(CHARACTERS.slice(i, i + 2000).join('|'));
    }
    const lower = await lowerCase([alphabet], texts);
    texts.forEach((text, i) => expect(lower[i] === text.toLowerCase(), `text ${i}`).toBe(true));
  });

  it('knows where a final sigma stands, whatever is around it', async () => {
    const random = createRandomState(7);
    const letters = [..."ΣΣΣΣσςΑα1_ʰ\u0301'.: -\n\u00adⒶ字İ"];
    const texts = Array.from({ length: 4000 }, () => {
      const length = Math.floor(random.random() * 9);
      const pick = (): string => letters[Math.floor(random.random() * letters.length)]!;
      return Array.from({ length }, pick).join('');
    });
    texts.push('ΟΔΥΣΣΕΥΣ', 'ΟΔΥΣΣΕΥΣ ΚΑΙ ΠΑΡΙΣ.', "ΑΣ'Α", 'ΣΣΣ.Σ', 'Σ');
    expect(texts.some((text) => text.toLowerCase().includes('ς'))).toBe(true);
    const lower = await lowerCase(['αδεηικνοπρσςυⓐ'], texts);
    texts.forEach((text, i) => {
      expect(lower[i], JSON.stringify(text)).toBe(text.toLowerCase());
    });
  });

  it('leaves letters alone that no term contains', async () => {
    expect(await lowerCase(['ab'], ['ABCDÄİ', ''])).toEqual(['abCDÄi\u0307', '']);
  });
});
