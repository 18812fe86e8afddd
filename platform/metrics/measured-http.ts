import { Failure } from '../../schemas/failure.ts';
import type { MlflowCall, MlflowHttp } from '../tracking/mlflow-http.ts';
import type { TrackingMetrics } from './tracking-metrics.ts';

/** The same connection, which counts and times what MLflow is asked. Whoever gives up waiting has a code of its own. */
export function measuredHttp(http: MlflowHttp, metrics: TrackingMetrics | undefined): MlflowHttp {
  if (!metrics) return http;
  async function measured<T>(call: MlflowCall, answer: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    const ended = (code?: string): void =>
      metrics?.asked(call, (performance.now() - startedAt) / 1000, code);
    try {
      const value = await answer;
      ended();
      return value;
    } catch (error) {
      if (call.signal?.aborted) ended('CANCELLED');
      else ended(error instanceof Failure ? error.code : 'INTERNAL');
      throw error;
    }
  }
  return {
    url: http.url,
    json: (call, shape) => measured(call, http.json(call, shape)),
    bytes: (call) => measured(call, http.bytes(call)),
  };
}
