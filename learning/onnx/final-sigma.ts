import { charactersLike, rangesOf } from './code-points.ts';
import type { GraphBuilder } from './graph-builder.ts';
import { addBlankColumn, addRewriting } from './rewrite-text.ts';
import { integers, strings } from './tensor.ts';

const CAPITAL = 'Σ';
const FINAL = 'ς';

/**
 * Replaces every Σ that ends a word by ς, so that the rest of lower-casing looks at single letters
 * only. Rule of the Unicode standard (Final_Sigma): a cased letter stands before it and none after
 * it, case-ignorable characters in between not counting.
 *
 * Pieces are single sigmas and stretches without a final sigma: a sigma with a cased letter other
 * than sigma behind it belongs to a stretch. So a single one is final unless a cased letter is
 * missing before it, or nothing but ignorable characters stand between it and the next single one.
 */
export function addFinalSigmas(graph: GraphBuilder, texts: string): string {
  const ignorable = `[${rangesOf(charactersLike(/\p{Case_Ignorable}/v))}]*`;
  const cased = charactersLike(/[\p{Cased}--\p{Case_Ignorable}]/v);
  const casedOther = rangesOf(cased.filter((letter) => letter !== CAPITAL));
  const stretch = `(?:[^${CAPITAL}]|(?:${CAPITAL}${ignorable})+[${casedOther}])+`;
  return addRewriting(graph, texts, `${stretch}|${CAPITAL}`, (pieces) => {
    const around = neighbours(graph, pieces);
    const before = graph.add('StringConcat', [around(-2), around(-1)]);
    const after = graph.add('StringConcat', [around(1), around(2)]);
    const endsCased = matches(graph, before, `(?s).*[${rangesOf(cased)}]${ignorable}`);
    const goesOn = matches(graph, after, `(?s)${ignorable}${CAPITAL}.*`);
    const isSingle = graph.add('Equal', [pieces, graph.constant('sigma', strings([CAPITAL], []))]);
    const ends = graph.add('And', [endsCased, graph.add('Not', [goesOn])]);
    const isFinal = graph.add('And', [isSingle, ends]);
    const final = graph.constant('final_sigma', strings([FINAL], []));
    return graph.add('Where', [isFinal, final, pieces]);
  });
}

function matches(graph: GraphBuilder, text: string, pattern: string): string {
  return graph.add('RegexFullMatch', [text], { attributes: { pattern } });
}

/** @returns a function from an offset of -2 to 2 to the pieces that far away, '' beyond the ends */
function neighbours(graph: GraphBuilder, pieces: string): (offset: number) => string {
  const blank = addBlankColumn(graph, pieces);
  const padded = graph.add('Concat', [blank, blank, pieces, blank, blank], {
    attributes: { axis: 1 },
  });
  const whole = (value: number) => graph.constant('slice', integers([value]));
  const end = graph.add('Shape', [padded], { attributes: { start: 1, end: 2 } });
  return (offset) => {
    const bounds = [whole(2 + offset), graph.add('Sub', [end, whole(2 - offset)])];
    return graph.add('Slice', [padded, ...bounds, whole(1)]);
  };
}
