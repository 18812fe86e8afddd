import type { Context } from 'hono';

import type { Metrics } from '../../platform/metrics/create-metrics.ts';
import { DEFAULT_TENANT, type Caller } from '../../schemas/caller.ts';
import type { DoorEnvironment } from '../access/door-environment.ts';
import { scopeMissing } from '../access/rules.ts';
import { refusal } from './refusal.ts';

/** GET /metrics: what this process counts, of all tenants together; for callers who may see that. */
export function metricsRoute(
  { page }: Pick<Metrics, 'page'>,
  callerOf: (c: Context<DoorEnvironment>) => Caller,
) {
  return async (c: Context<DoorEnvironment>): Promise<Response> => {
    if (!mayRead(callerOf(c))) {
      return refusal(scopeMissing('metrics:read'), undefined, { scopes: ['metrics:read'] });
    }
    const { contentType, text } = await page();
    return c.body(text, 200, { 'content-type': contentType });
  };
}

/** No tenant’s own callers: how much others do is none of their business. */
function mayRead({ tenant, scopes }: Caller): boolean {
  return tenant === DEFAULT_TENANT && scopes.includes('metrics:read');
}
