import type { GraphBuilder } from './graph-builder.ts';
import { integers } from './tensor.ts';

export interface Batches {
  /** How many rows a batch may have: a value of type int64, shape [1], at least 1. */
  readonly most: string;
  /** Columns and type of the result. */
  readonly width: number;
  readonly type: 'float' | 'double';
}

/**
 * Computes over a few rows at a time, so that a table of any length needs no more memory than one
 * batch does. The batches have equal sizes; the last one repeats the last row to fill up.
 * @param rows a value of one dimension
 * @param compute appends to the inner graph: from some rows to [those rows, width]
 * @returns [rows, width]
 */
export function addInBatches(
  graph: GraphBuilder,
  rows: string,
  { most, width, type }: Batches,
  compute: (inner: GraphBuilder, batch: string) => string,
): string {
  const zero = graph.constant('zero', integers([0]));
  const one = graph.constant('one', integers([1]));
  const count = graph.add('Shape', [rows]);
  const batches = addRoundedUpQuotient(graph, count, most);
  const size = addRoundedUpQuotient(graph, count, graph.add('Max', [batches, one]));
  const last = graph.add('Sub', [count, one]);
  const range = [zero, size, one].map((value) => addScalar(graph, value));
  const offsets = graph.add('Range', range);

  const body = graph.inner('batch');
  const turn = body.input(body.fresh('turn'), 'int64', []);
  const goOn = body.input(body.fresh('go_on'), 'bool', []);
  const wanted = body.add('Add', [body.add('Mul', [turn, size]), offsets]);
  const batch = body.add('Gather', [rows, body.add('Min', [wanted, last])]);
  const result = compute(body, batch);
  body.output(body.add('Identity', [goOn]), 'bool', []);
  body.output(result, type, [null, width]);

  const stacked = graph.add('Loop', [addScalar(graph, batches), ''], {
    attributes: { body: body.build() },
  });
  const shape = graph.constant('table', integers([-1, width]));
  const table = graph.add('Reshape', [stacked, shape]);
  return graph.add('Slice', [table, zero, count, zero]);
}

function addRoundedUpQuotient(graph: GraphBuilder, dividend: string, divisor: string): string {
  const one = graph.constant('one', integers([1]));
  const raised = graph.add('Sub', [graph.add('Add', [dividend, divisor]), one]);
  return graph.add('Div', [raised, divisor]);
}

function addScalar(graph: GraphBuilder, value: string): string {
  return graph.add('Reshape', [value, graph.constant('scalar', integers([], [0]))]);
}
