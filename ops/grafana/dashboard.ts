import { panelsOf } from './panels.ts';
import { CAPACITY } from './rows/capacity.ts';
import { EXPERIMENTS } from './rows/experiments.ts';
import { NEIGHBOURS } from './rows/neighbours.ts';
import { OVERVIEW } from './rows/overview.ts';
import { PROCESSES } from './rows/processes.ts';

const DATASOURCE = { type: 'prometheus', uid: 'prometheus' } as const;
const INSTANCES = 'label_values(durable_experiments_build_info, instance)';

/** The dashboard as Grafana’s provisioning reads it. */
export function dashboard(): object {
  return {
    uid: 'durable-experiments',
    title: 'Durable experiments',
    tags: ['durable-experiments'],
    ...{ schemaVersion: 39, version: 1, editable: true, graphTooltip: 1, id: null },
    ...{ refresh: '30s', timezone: 'browser', time: { from: 'now-3h', to: 'now' } },
    templating: {
      list: [
        {
          ...{ name: 'instance', label: 'Instance', type: 'query', datasource: DATASOURCE },
          ...{ definition: INSTANCES, query: { query: INSTANCES, refId: 'instance' } },
          ...{ refresh: 2, sort: 1, multi: true, includeAll: true, allValue: '.*' },
          current: { text: ['All'], value: ['$__all'] },
        },
      ],
    },
    annotations: {
      list: [
        {
          ...{ name: 'Alerts', datasource: DATASOURCE, enable: true, iconColor: 'red' },
          expr: 'ALERTS{alertstate="firing", severity="page"}',
          ...{ titleFormat: '{{alertname}}', textFormat: '{{queue}}{{neighbour}}{{instance}}' },
        },
      ],
    },
    panels: panelsOf([...OVERVIEW, ...EXPERIMENTS, ...CAPACITY, ...NEIGHBOURS, ...PROCESSES]),
  };
}
