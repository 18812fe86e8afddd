import { Failure } from '../../schemas/failure.ts';
import { checkClasses, orderLabels, type ClassLabels, type RawLabels } from './class-labels.ts';
import {
  SourceRefused,
  type ClassBalance,
  type FailureWords,
  type Survey,
} from './source-refused.ts';
import type { ValueFindings } from './value-findings.ts';

export interface SurveyedData {
  readonly rows: number;
  readonly findings: ValueFindings;
  /** Of the features, then of the target. */
  readonly names: readonly string[];
  readonly raw: RawLabels;
  /** [raw labels] rows that carry each. */
  readonly counts: readonly number[];
  readonly maxClasses: number;
}

/**
 * The failure for data that can't be learnt from, with all that is known of them.
 * @param early why the reading ended before the data did
 */
export function refusedData(data: SurveyedData, early?: Failure): SourceRefused {
  const { rows, findings, names } = data;
  const { balance, failure } = surveyLabels(data);
  const values = findings.failures(names);
  // Of some rows nobody can tell whether a class is alone, or too small.
  const labels = early ? undefined : failure;
  const first = early ?? values[0] ?? labels;
  if (!first) throw new TypeError('there is nothing to refuse');
  const survey: Survey = {
    rows,
    faults: findings.faults(names),
    ended: early ? words(early) : null,
    values: values.map(words),
    labels: labels ? words(labels) : null,
    balance,
  };
  return new SourceRefused(first, { survey });
}

const words = ({ code, message, hint }: Failure): FailureWords => ({ code, message, hint });

function surveyLabels({ raw, counts, names, maxClasses }: SurveyedData): {
  readonly balance: ClassBalance | null;
  readonly failure?: Failure;
} {
  const target = names.at(-1) ?? '';
  let ordered: ClassLabels | undefined;
  try {
    ordered = orderLabels(raw, counts, target);
    checkClasses(ordered, { target, maxClasses });
    return { balance: balanceOf(ordered) };
  } catch (failure) {
    if (!(failure instanceof Failure)) throw failure;
    return { balance: ordered ? balanceOf(ordered) : null, failure };
  }
}

const LARGEST = 15;
const SMALLEST = 5;

/** @param classes.rows [labels] rows of each class; a class without any was not read yet */
export function balanceOf({ labels, rows }: Pick<ClassLabels, 'labels' | 'rows'>): ClassBalance {
  const classes = labels
    .map((label, index) => ({ label, rows: rows[index] as number }))
    .filter((entry) => entry.rows > 0)
    .sort((a, b) => b.rows - a.rows);
  const many = classes.length > LARGEST + SMALLEST;
  return {
    classCount: classes.length,
    classes: many ? [...classes.slice(0, LARGEST), ...classes.slice(-SMALLEST)] : classes,
  };
}
