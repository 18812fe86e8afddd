import { mlflowCallLabel } from '../metrics/mlflow-call-label.ts';
import { untraced, type Tracing } from '../tracing/tracing.ts';
import type { Verdict } from './answer-failures.ts';
import type { MlflowCall } from './mlflow-http.ts';

/** What became of a request; there is no status when nobody answered. */
type Outcome = { readonly status?: number | undefined } & (
  { readonly bytes: Buffer } | { readonly verdict: Verdict }
);

/** Wraps each request to an MLflow server, every try of it, in a span. Addresses and bodies stay out of it. */
export function tracedRequests<T extends Outcome>(
  server: string,
  tracing: Tracing = untraced,
  send: (call: MlflowCall) => Promise<T>,
): (call: MlflowCall) => Promise<T> {
  const { hostname, port, protocol } = new URL(server);
  const at = {
    'server.address': hostname,
    'server.port': Number(port || (protocol === 'https:' ? 443 : 80)),
  };
  return (call) => {
    const label = mlflowCallLabel(call);
    const attributes = { ...at, 'http.request.method': call.method, 'mlflow.call': label };
    const described = { name: `${call.method} ${label}`, kind: 'client', attributes } as const;
    return tracing.during(described, async (span) => {
      const outcome = await send(call);
      span.set({ 'http.response.status_code': outcome.status });
      if ('verdict' in outcome) span.failed(outcome.verdict.failure.code);
      return outcome;
    });
  };
}
