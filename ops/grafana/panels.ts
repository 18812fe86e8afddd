/** What a panel shows: a PromQL expression, and how its series are called in the legend. */
export interface Query {
  readonly expr: string;
  readonly legend?: string;
}

/** One panel, before it has its place. */
export interface Panel {
  readonly title: string;
  /** What it means, and when to worry: shown at the (i). */
  readonly about: string;
  /** One of Grafana’s units: s, short, percentunit, bytes, ops, … */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** A number now, in place of lines over time. */
  readonly kind?: 'stat' | 'table';
  readonly width?: number;
  /** Red from here on; below it, with `low`. */
  readonly limit?: number;
  readonly low?: boolean;
}

/** A titled row of panels. */
export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const DATASOURCE = { type: 'prometheus', uid: 'prometheus' } as const;
const COLUMNS = 24;
const HEIGHTS = { stat: 4, table: 8, timeseries: 8 } as const;
const WIDTHS = { stat: 4, table: 12, timeseries: 8 } as const;

/** Grafana’s JSON of all rows: panels stand beside each other as long as there is room. */
export function panelsOf(rows: readonly Row[]): object[] {
  const placed: object[] = [];
  let y = 0;
  const add = (panel: object, [x, w, h]: readonly [number, number, number]): void => {
    placed.push({ id: placed.length + 1, ...panel, gridPos: { x, y, w, h } });
  };
  for (const { title, panels } of rows) {
    add({ type: 'row', title, collapsed: false, panels: [] }, [0, COLUMNS, 1]);
    y += 1;
    let x = 0;
    let tallest = 0;
    for (const panel of panels) {
      const type = panel.kind ?? 'timeseries';
      const width = panel.width ?? WIDTHS[type];
      if (x + width > COLUMNS) {
        y += tallest;
        x = tallest = 0;
      }
      add(panelJson(panel, type), [x, width, HEIGHTS[type]]);
      tallest = Math.max(tallest, HEIGHTS[type]);
      x += width;
    }
    y += tallest;
  }
  return placed;
}

function panelJson(panel: Panel, type: 'stat' | 'table' | 'timeseries'): object {
  const { title, about, unit, queries } = panel;
  const now = type !== 'timeseries';
  return {
    ...{ type, title, description: about, datasource: DATASOURCE },
    targets: queries.map(({ expr, legend }, at) => ({
      ...{ refId: String.fromCharCode(65 + at), datasource: DATASOURCE, expr },
      ...(legend === undefined ? {} : { legendFormat: legend }),
      ...(now ? { instant: true, range: false } : { range: true }),
      ...(type === 'table' && { format: 'table' }),
    })),
    fieldConfig: {
      defaults: { unit, ...(!now && { custom: LINES }), ...thresholds(panel) },
      overrides: [],
    },
    options: OPTIONS[type],
  };
}

const LINES = {
  drawStyle: 'line',
  lineWidth: 1,
  fillOpacity: 10,
  showPoints: 'never',
  spanNulls: false,
};

const OPTIONS = {
  stat: {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    ...{ colorMode: 'value', graphMode: 'none', textMode: 'auto', justifyMode: 'auto' },
  },
  table: { showHeader: true, cellHeight: 'sm' },
  timeseries: {
    legend: { displayMode: 'table', placement: 'bottom', calcs: ['lastNotNull', 'max'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
} as const;

function thresholds({ limit, low = false }: Panel): object {
  const [at, before] = low ? ['green', 'red'] : ['red', 'green'];
  const steps = [
    { color: limit === undefined ? 'green' : before, value: null },
    ...(limit === undefined ? [] : [{ color: at, value: limit }]),
  ];
  return { thresholds: { mode: 'absolute', steps } };
}
