import { readFile } from 'node:fs/promises';

import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

import { dashboard } from '../../../ops/grafana/dashboard.ts';

const GRAFANA = new URL('../../../ops/grafana/', import.meta.url);
const read = (path: string) => readFile(new URL(path, GRAFANA), 'utf8');

interface Placed {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
  };
  readonly targets?: readonly { readonly refId: string; readonly expr: string }[];
}

const shown = JSON.parse(await read('dashboards/durable-experiments.json')) as {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Placed[];
};

describe('the dashboard', () => {
  it('is what node ops/write-dashboard.ts writes', () => {
    expect(shown).toEqual(JSON.parse(JSON.stringify(dashboard())));
  });

  it('has what Grafana needs: known panels of their own ids and places, and the provisioned source', async () => {
    const { datasources } = parse(await read('provisioning/datasources/prometheus.yml')) as {
      datasources: { uid: string; type: string }[];
    };
    expect(shown).toMatchObject({ uid: 'durable-experiments', schemaVersion: 39 });
    const places: string[] = [];
    for (const { type, title, description, datasource, gridPos, targets } of shown.panels) {
      expect(['row', 'stat', 'table', 'timeseries']).toContain(type);
      const { x, y, w, h } = gridPos;
      expect(x + w, title).toBeLessThanOrEqual(24);
      for (let place = 0; place < w * h; place += 1) {
        places.push(`${x + (place % w)} ${y + Math.floor(place / w)}`);
      }
      if (type === 'row') continue;
      expect(description, title).toMatch(/\.$/);
      expect(datasources, title).toContainEqual(expect.objectContaining({ uid: datasource?.uid }));
      expect(new Set(targets?.map(({ refId }) => refId)).size, title).toBe(targets?.length);
    }
    expect(new Set(places).size).toBe(places.length);
    for (const key of ['id', 'title'] as const) {
      expect(new Set(shown.panels.map((panel) => panel[key])).size).toBe(shown.panels.length);
    }
  });

  it('is found where the provisioning looks for it', async () => {
    const { providers } = parse(await read('provisioning/dashboards/durable-experiments.yml')) as {
      providers: { type: string; options: { path: string } }[];
    };
    expect(providers).toMatchObject([
      { type: 'file', options: { path: '/etc/grafana/dashboards' } },
    ]);
  });
});
