import { Failure, type FailureCode } from '../../schemas/failure.ts';
import { shownName } from './shown-name.ts';

/** What can be wrong with a value. */
export type Fault = 'missing' | 'notNumeric' | 'notText' | 'outOfRange';

/** Collects which columns hold values that can't be learnt from, and in which rows; never the values. */
export interface ValueFindings {
  /** @param column position among the features, or their number for the target; @param row from 0 */
  add(fault: Fault, column: number, row: number): void;
  any(): boolean;
  /** One failure for each fault: unreadable numbers first, then missing values, then unusable ones. */
  failures(names: readonly string[]): Failure[];
  /** How many rows of each column have a fault. */
  faults(names: readonly string[]): ColumnFault[];
}

export interface ColumnFault {
  readonly fault: Fault;
  readonly column: string;
  readonly rows: number;
}

interface Places {
  /** The first rows, counted from 1. */
  readonly rows: number[];
  count: number;
}

const FIRST_ROWS = 3;
const FIRST_COLUMNS = 5;

const FAULTS: readonly { fault: Fault; code: FailureCode; says: string; hint: string }[] = [
  {
    fault: 'notNumeric',
    code: 'COLUMN_NOT_NUMERIC',
    says: 'Values that are not numbers stand in',
    hint: 'Correct them, or name only numeric columns in features; logreg_text is the model for texts.',
  },
  {
    fault: 'notText',
    code: 'COLUMN_NOT_TEXT',
    says: 'Values that are not texts stand in',
    hint: 'Name a column of texts in features.',
  },
  {
    fault: 'missing',
    code: 'MISSING_VALUES',
    says: 'Values are missing in',
    hint: 'Fill or drop these rows, or leave the column out of features.',
  },
  {
    fault: 'outOfRange',
    code: 'VALUE_OUT_OF_RANGE',
    says: 'Values that are infinite, not a number or too large for a double stand in',
    hint: 'Replace them by finite numbers, or drop these rows.',
  },
];

/** The code of the failure for a fault. */
export function codeOfFault(fault: Fault): FailureCode | undefined {
  return FAULTS.find((entry) => entry.fault === fault)?.code;
}

export function createValueFindings(): ValueFindings {
  const found = new Map<Fault, Map<number, Places>>();
  return {
    add(fault, column, row) {
      const columns = found.get(fault) ?? new Map<number, Places>();
      found.set(fault, columns);
      const places = columns.get(column) ?? { rows: [], count: 0 };
      columns.set(column, places);
      places.count++;
      if (places.rows.length < FIRST_ROWS) places.rows.push(row + 1);
    },
    any: () => found.size > 0,
    failures: (names) =>
      FAULTS.flatMap(({ fault, code, says, hint }) => {
        const columns = found.get(fault);
        return columns ? [new Failure(code, `${says} ${listed(columns, names)}.`, hint)] : [];
      }),
    faults: (names) =>
      [...found].flatMap(([fault, columns]) =>
        Array.from(columns, ([column, { count }]) => ({
          ...{ fault, column: names[column] ?? '', rows: count },
        })),
      ),
  };
}

/** The first columns with their first rows, in the source's order. */
function listed(found: ReadonlyMap<number, Places>, names: readonly string[]): string {
  const columns = [...found].sort(([a], [b]) => a - b);
  const shown = columns.slice(0, FIRST_COLUMNS).map(([column, { rows, count }]) => {
    const more = count > rows.length ? ` and ${count - rows.length} more` : '';
    const many = count === 1 ? 'row' : 'rows';
    return `${shownName(names[column] ?? '')} (${many} ${rows.join(', ')}${more})`;
  });
  const others = columns.length - shown.length;
  return shown.join(', ') + (others > 0 ? ` and ${others} more columns` : '');
}
