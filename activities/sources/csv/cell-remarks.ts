import type { ValueFindings } from '../value-findings.ts';

/** What can be said of a cell that holds no finite number; a boolean is one for want of a better word. */
export type Remark = 'missing' | 'notNumeric' | 'outOfRange' | 'boolean';

/** How often a remark was made on a column, and on which rows first. */
export interface RemarkCount {
  readonly remark: Remark;
  /** Position among the features, or their number for the target. */
  readonly column: number;
  /** The first rows, counted from 0. */
  readonly rows: number[];
  count: number;
}

/** Remarks on cells, counted by column, which become findings. */
export interface CellRemarks {
  add(remark: Remark, column: number, row: number): void;
  /** Takes over what was counted elsewhere, for rows that follow those so far: their row 0 is `offset`. */
  addAll(counts: readonly RemarkCount[], offset: number): void;
  counts(): RemarkCount[];
  /** After the last of `rows` rows: a column of nothing but booleans is one of numbers, any other is not. */
  settle(rows: number): void;
}

const FIRST_ROWS = 3;

export function createCellRemarks(findings: Pick<ValueFindings, 'add'>): CellRemarks {
  const columns: Record<Remark, Map<number, RemarkCount>> = {
    missing: new Map(),
    notNumeric: new Map(),
    outOfRange: new Map(),
    boolean: new Map(),
  };

  function add(remark: Remark, column: number, row: number): void {
    let counted = columns[remark].get(column);
    if (!counted) {
      counted = { remark, column, rows: [], count: 0 };
      columns[remark].set(column, counted);
    }
    counted.count++;
    if (counted.rows.length < FIRST_ROWS) counted.rows.push(row);
    if (remark !== 'boolean') findings.add(remark, column, row);
  }

  /** Calls back for each counted cell; of those after the first rows only the number is known. */
  function each({ rows, count }: RemarkCount, call: (row: number) => void): void {
    for (let i = 0; i < count; i++) call(rows[Math.min(i, rows.length - 1)] as number);
  }

  return {
    add,
    addAll(counts, offset) {
      for (const counted of counts) {
        each(counted, (row) => add(counted.remark, counted.column, offset + row));
      }
    },
    counts: () => Object.values(columns).flatMap((counted) => [...counted.values()]),
    settle(rows) {
      for (const [column, booleans] of columns.boolean) {
        const missing = columns.missing.get(column)?.count ?? 0;
        if (booleans.count + missing === rows) continue;
        each(booleans, (row) => findings.add('notNumeric', column, row));
      }
    },
  };
}
