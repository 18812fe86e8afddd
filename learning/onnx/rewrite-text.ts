import type { GraphBuilder } from './graph-builder.ts';
import { integers, strings } from './tensor.ts';

const WHOLE_AXIS = 2 ** 31 - 1;

export interface Tokenisation {
  /** An RE2 expression; the longest match at the first place where one exists is a token. */
  readonly expression: string;
  readonly minimumLength: number;
}

/** @returns the tokens of each text, [texts, most tokens of one], filled up with '' */
export function addTokens(graph: GraphBuilder, texts: string, how: Tokenisation): string {
  return graph.add('Tokenizer', [texts], {
    domain: 'com.microsoft',
    attributes: {
      tokenexp: how.expression,
      mincharnum: how.minimumLength,
      mark: 0,
      pad_value: '',
    },
  });
}

/**
 * Cuts each text [texts] into pieces, rewrites the pieces and joins them again. ONNX has no
 * operator that replaces within a string. A space is put at the end of every text: so none is
 * without a piece.
 * @param expression matches the pieces; together they must cover any text
 * @param rewrite from pieces to pieces, [texts, pieces]
 */
export function addRewriting(
  graph: GraphBuilder,
  texts: string,
  expression: string,
  rewrite: (pieces: string) => string,
): string {
  const space = graph.constant('space', strings([' ']));
  const ended = graph.add('StringConcat', [texts, space]);
  const pieces = addTokens(graph, ended, { expression, minimumLength: 1 });
  return addJoin(graph, rewrite(pieces));
}

/** Replaces the pieces that equal one of `from`; `to` must not contain ''. */
export function addReplacement(
  graph: GraphBuilder,
  pieces: string,
  { from, to }: { readonly from: readonly string[]; readonly to: readonly string[] },
): string {
  const replacement = graph.add('LabelEncoder', [pieces], {
    domain: 'ai.onnx.ml',
    attributes: { keys_strings: from, values_strings: to, default_string: '' },
  });
  const nothing = graph.constant('nothing', strings([''], []));
  return graph.add('Where', [graph.add('Equal', [replacement, nothing]), pieces, replacement]);
}

/** @returns a column of empty strings with as many rows as `pieces` has */
export function addBlankColumn(graph: GraphBuilder, pieces: string): string {
  const rows = graph.add('Shape', [pieces], { attributes: { start: 0, end: 1 } });
  const width = graph.constant('width', integers([1]));
  const shape = graph.add('Concat', [rows, width], { attributes: { axis: 0 } });
  return graph.add('Expand', [graph.constant('blank', strings([''])), shape]);
}

/** Joins [texts, pieces] to [texts] by joining neighbours until one column is left. */
function addJoin(graph: GraphBuilder, pieces: string): string {
  const blank = addBlankColumn(graph, pieces);
  const joined = graph.add('Loop', ['', addIsWide(graph, pieces), pieces], {
    attributes: { body: joiningBody(graph, blank) },
  });
  return graph.add('Reshape', [joined, graph.constant('flat', integers([-1]))]);
}

/** Body of a loop over `pieces`: one round halves the number of columns. */
function joiningBody(graph: GraphBuilder, blank: string) {
  const body = graph.inner('join_neighbours');
  body.input(body.fresh('round'), 'int64', []);
  body.input(body.fresh('was_wide'), 'bool', []);
  const pieces = body.input(body.fresh('pieces'), 'string', [null, null]);
  const padded = body.add('Concat', [pieces, blank], { attributes: { axis: 1 } });
  const pairs = [addEverySecond(body, pieces, 0), addEverySecond(body, padded, 1)];
  const halved = body.add('StringConcat', pairs);
  body.output(addIsWide(body, halved), 'bool', []);
  body.output(halved, 'string', [null, null]);
  return body.build();
}

function addEverySecond(graph: GraphBuilder, pieces: string, start: number): string {
  const numbers = [start, WHOLE_AXIS, 1, 2].map((value) =>
    graph.constant('slice', integers([value])),
  );
  return graph.add('Slice', [pieces, ...numbers]);
}

/** @returns a scalar: whether there are several columns */
function addIsWide(graph: GraphBuilder, pieces: string): string {
  const width = graph.add('Shape', [pieces], { attributes: { start: 1, end: 2 } });
  const scalar = graph.constant('scalar', integers([], [0]));
  const one = graph.constant('one_column', integers([1], []));
  return graph.add('Greater', [graph.add('Reshape', [width, scalar]), one]);
}
