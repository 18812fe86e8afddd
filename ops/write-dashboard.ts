// Writes Grafana’s dashboard from ops/grafana/*.ts: node ops/write-dashboard.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { format, resolveConfig } from 'prettier';

import { dashboard } from './grafana/dashboard.ts';

const filepath = fileURLToPath(
  new URL('grafana/dashboards/durable-experiments.json', import.meta.url),
);
const style = await resolveConfig(filepath);
await writeFile(filepath, await format(JSON.stringify(dashboard()), { ...style, filepath }));
