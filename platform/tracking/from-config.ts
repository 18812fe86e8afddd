import type { Config } from '../../schemas/config.ts';
import { createMlflowClient, type MlflowClientOptions } from './mlflow-client.ts';
import type { MlflowCredentials } from './server-address.ts';
import { tlsFromConfig } from './tls-from-config.ts';
import { createTrackingServers, type TrackingServers } from './tracking-servers.ts';

/**
 * The MLflow servers of the settings, with MLflow's own credential variables.
 * @param options.timeoutMs where it is shorter than the setting: for callers who wait
 * @throws ConfigError when a certificate cannot be read
 */
export function createTrackingServersFrom(
  config: Config,
  {
    beforeSending,
    timeoutMs = Infinity,
    metrics,
    tracing,
  }: Pick<MlflowClientOptions, 'beforeSending' | 'timeoutMs' | 'metrics' | 'tracing'> = {},
): TrackingServers {
  return createTrackingServers({
    defaultUrl: config.mlflowUrl,
    allowed: config.MLFLOW_TRACKING_URIS,
    credentials: credentialsOf(config),
    workspace: config.MLFLOW_WORKSPACE,
    tls: tlsFromConfig(config),
    makeClient: (server) =>
      createMlflowClient({
        ...server,
        ...{ beforeSending, metrics, tracing },
        concurrency: config.MLFLOW_CONCURRENCY,
        timeoutMs: Math.min(timeoutMs, 1000 * config.MLFLOW_HTTP_REQUEST_TIMEOUT),
        artifactsFolder:
          server.url === config.mlflowUrl ? config.MLFLOW_ARTIFACTS_FOLDER : undefined,
      }),
  });
}

/** As MLflow's own client: a user name wins over a token. */
function credentialsOf(config: Config): MlflowCredentials | undefined {
  if (config.MLFLOW_TRACKING_USERNAME !== undefined) {
    return {
      username: config.MLFLOW_TRACKING_USERNAME,
      password: config.MLFLOW_TRACKING_PASSWORD ?? '',
    };
  }
  return config.MLFLOW_TRACKING_TOKEN === undefined
    ? undefined
    : { token: config.MLFLOW_TRACKING_TOKEN };
}
