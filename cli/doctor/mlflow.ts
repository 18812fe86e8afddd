import { createTlsFetch } from '../../platform/tracking/tls-fetch.ts';
import { createTrackingServersFrom } from '../../platform/tracking/from-config.ts';
import { readAddress } from '../../platform/tracking/server-address.ts';
import { tlsFromConfig } from '../../platform/tracking/tls-from-config.ts';
import { Failure } from '../../schemas/failure.ts';
import type { Config } from '../../schemas/config.ts';
import { ok, problem, warning, type Check, type CheckContext, type Finding } from './check.ts';

/** Shorter than a check’s own, so that its answer can say who hangs. */
const PATIENCE_MS = 3_000;
/** An id that no run has: what is written to it is refused as unknown, unless we may not write at all. */
const NO_RUN = '0'.repeat(32);

export const mlflow: Check = {
  name: 'MLflow',
  async run({ config, signal }) {
    const servers = createTrackingServersFrom(config, { timeoutMs: 5_000 });
    const named = [undefined, ...config.MLFLOW_TRACKING_URIS];
    return Promise.all(
      named.map(async (uri): Promise<Finding> => {
        const { url = config.mlflowPublicUrl } = readAddress(uri ?? config.mlflowUrl) ?? {};
        if (!(await mlflowDate(config, uri, signal))) {
          return problem(
            `MLflow does not answer at ${url}.`,
            uri === undefined && config.embeddedMlflow
              ? '“npm start” runs one there; or set MLFLOW_TRACKING_URI.'
              : `Start it, or correct ${uri === undefined ? 'MLFLOW_TRACKING_URI' : 'MLFLOW_TRACKING_URIS'}; its --allowed-hosts must name the host that it is called by.`,
          );
        }
        const client = servers.clientFor(uri);
        await client.health({ signal });
        const version = await client.version({ signal });
        const refused = await client
          .logBatch(NO_RUN, { tags: { 'durable-experiments.doctor': 'probe' } }, { signal })
          .then(() => undefined)
          .catch((error: unknown) => error);
        if (!(refused instanceof Failure) || refused.code !== 'RUN_NOT_FOUND') {
          if (refused instanceof Failure)
            return problem(`${url}: ${refused.message}`, refused.hint);
          return warning(`MLflow at ${url} could not be asked for a write.`, 'Look at its log.');
        }
        if (!(await client.supportsLoggedModels({ signal }))) {
          return warning(
            `MLflow ${version ?? ''} at ${url} keeps no LoggedModels.`,
            'Use MLflow 3 or newer.',
          );
        }
        return ok(`MLflow ${version ?? '(version unknown)'} answers at ${url}, and lets us write.`);
      }),
    );
  },
};

/** The time that an MLflow server says it is; undefined when it does not answer. */
export async function mlflowDate(
  config: Config,
  uri: string | undefined,
  signal: CheckContext['signal'],
): Promise<Date | undefined> {
  const { url } = readAddress(uri ?? config.mlflowUrl) ?? {};
  if (url === undefined) return undefined;
  const tls = uri === undefined ? tlsFromConfig(config) : undefined;
  const fetch = tls ? createTlsFetch(tls) : globalThis.fetch;
  try {
    const response = await fetch(`${url}/health`, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]),
      redirect: 'manual',
    });
    await response.body?.cancel();
    return new Date(response.headers.get('date') ?? Date.now());
  } catch {
    return undefined;
  }
}
