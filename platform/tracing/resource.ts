import { hostname } from 'node:os';

import { parseKeyPairsIntoRecord } from '@opentelemetry/core';
import { resourceFromAttributes, type Resource } from '@opentelemetry/resources';

import type { Config } from '../../schemas/config.ts';
import type { TracedPart } from './open-tracing.ts';

/** What all spans of a process have in common; the settings’ own words win. */
export function resourceOf(
  config: Config,
  { component, version }: Pick<TracedPart, 'component'> & { readonly version: string },
): Resource {
  return resourceFromAttributes({
    'service.name': 'durable-experiments',
    'service.version': version,
    'service.instance.id': `${hostname()}-${process.pid}-${component}`,
    'host.name': hostname(),
    'process.pid': process.pid,
    ...parseKeyPairsIntoRecord(config.OTEL_RESOURCE_ATTRIBUTES),
    ...(config.OTEL_SERVICE_NAME !== undefined && { 'service.name': config.OTEL_SERVICE_NAME }),
    'durable_experiments.component': component,
  });
}
