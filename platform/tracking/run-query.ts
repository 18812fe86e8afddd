import { Failure } from '../../schemas/failure.ts';
import { checkKey, quoted } from './filter-text.ts';
import type { RunStatus } from './tracking-types.ts';
import { RUN_STATUSES } from './tracking-types.ts';

type Order = '=' | '!=' | '<' | '<=' | '>' | '>=';
type Match = '=' | '!=' | 'LIKE' | 'ILIKE';

/**
 * One condition on a run. LIKE and ILIKE (which ignores case) take `%` for any text and `_` for any
 * character, without an escape. A run that lacks the metric, param or tag meets no comparison.
 */
export type RunCondition =
  | { readonly metric: string; readonly is: Order; readonly value: number }
  | { readonly param: string; readonly is: Match; readonly value: string }
  | { readonly tag: string; readonly is: Match; readonly value: string }
  | { readonly param: string; readonly is: 'present' | 'absent' }
  | { readonly tag: string; readonly is: 'present' | 'absent' }
  | { readonly time: 'start' | 'end'; readonly is: Order; readonly value: number }
  | { readonly status: readonly RunStatus[] }
  | { readonly runName: string; readonly is: Match }
  | { readonly runIds: readonly string[] }
  | { readonly dataset: 'name' | 'digest' | 'context'; readonly is: Match; readonly value: string };

/** Runs without the value come last; runs that are equal in it, the latest first. */
export type RunOrder = {
  readonly by:
    | 'start_time'
    | 'end_time'
    | 'run_name'
    | 'status'
    | { readonly metric: string }
    | { readonly param: string }
    | { readonly tag: string };
  readonly direction: 'ASC' | 'DESC';
};

const PRESENCE = { present: 'IS NOT NULL', absent: 'IS NULL' } as const;
const RUN_ID = /^[A-Za-z0-9][\w-]{0,255}$/;

/** MLflow's grammar knows no plus sign in an exponent. */
function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value).replace('e+', 'e');
  throw new Failure(
    'INVALID_REQUEST',
    'A condition on a number needs a finite number.',
    'Leave out conditions with NaN or infinity.',
  );
}

/** `status` allows no list in MLflow's grammar, but the other statuses can be excluded. */
function statusClauses(status: readonly RunStatus[]): string[] {
  const others = RUN_STATUSES.filter((one) => !status.includes(one));
  return status.length === 1
    ? [`attributes.status = '${status[0]!}'`]
    : others.map((one) => `attributes.status != '${one}'`);
}

function idClause(runIds: readonly string[]): string {
  if (runIds.length > 0 && runIds.every((id) => RUN_ID.test(id))) {
    return `attributes.run_id IN (${runIds.map((id) => `'${id}'`).join(', ')})`;
  }
  throw new Failure(
    'INVALID_REQUEST',
    'These are no run ids of MLflow.',
    'Give at least one id, as MLflow shows it.',
  );
}

function keyed(kind: 'metrics' | 'params' | 'tags', key: string): string {
  return `${kind}.\`${checkKey(key)}\``;
}

function clausesOf(condition: RunCondition): string[] {
  if ('status' in condition) return statusClauses(condition.status);
  if ('runIds' in condition) return [idClause(condition.runIds)];
  if ('runName' in condition) {
    return [`attributes.run_name ${condition.is} ${quoted(condition.runName)}`];
  }
  if ('time' in condition) {
    const value = numberText(Math.trunc(condition.value));
    return [`attributes.${condition.time}_time ${condition.is} ${value}`];
  }
  if ('dataset' in condition) {
    return [`dataset.${condition.dataset} ${condition.is} ${quoted(condition.value)}`];
  }
  if ('metric' in condition) {
    return [`${keyed('metrics', condition.metric)} ${condition.is} ${numberText(condition.value)}`];
  }
  const field =
    'tag' in condition ? keyed('tags', condition.tag) : keyed('params', condition.param);
  return 'value' in condition
    ? [`${field} ${condition.is} ${quoted(condition.value)}`]
    : [`${field} ${PRESENCE[condition.is]}`];
}

/**
 * Conditions, all of which must hold, in MLflow's filter language, every name and value quoted.
 * @throws Failure INVALID_REQUEST for a name or value that cannot be written in it
 */
export function runFilter(conditions: readonly RunCondition[]): string {
  return conditions.flatMap(clausesOf).join(' AND ');
}

/** An entry of MLflow's `order_by`. */
export function runOrder({ by, direction }: RunOrder): string {
  if (typeof by === 'string') return `attributes.${by} ${direction}`;
  if ('metric' in by) return `${keyed('metrics', by.metric)} ${direction}`;
  return 'tag' in by
    ? `${keyed('tags', by.tag)} ${direction}`
    : `${keyed('params', by.param)} ${direction}`;
}
