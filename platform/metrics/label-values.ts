import { FAILURES } from '../../schemas/failure.ts';
import { stepOf, STEPS } from '../../schemas/names.ts';

/** Of a label: what is not among the known values, so that no caller can make series. */
const OTHER = 'other';

/** Activities beside the steps of a run. */
const FURTHER_ACTIVITIES: Readonly<Record<string, string>> = {
  reopenRun: 'reopen',
  inspectSource: 'inspect',
};

/** Every step that attempts are counted of. */
export const STEP_LABELS: readonly string[] = [
  ...Object.keys(STEPS),
  ...Object.values(FURTHER_ACTIVITIES),
];

/** The value if it is known. */
export function oneOf(known: ReadonlySet<string>, value: string): string {
  return known.has(value) ? value : OTHER;
}

/** The step of an activity type. */
export function stepLabel(activityType: string): string {
  const further = Object.hasOwn(FURTHER_ACTIVITIES, activityType)
    ? FURTHER_ACTIVITIES[activityType]
    : undefined;
  return stepOf(activityType) ?? further ?? OTHER;
}

const CODES: ReadonlySet<string> = new Set(Object.keys(FAILURES));

/** A failure’s code; “none” where nothing failed. */
export function codeLabel(code: string | undefined): string {
  return code === undefined ? 'none' : oneOf(CODES, code);
}
