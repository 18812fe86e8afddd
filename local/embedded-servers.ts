import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Failure } from '../schemas/failure.ts';
import { findMlflow, findTemporal, type Environment } from './executables.ts';
import { startMlflowServer, type MlflowServer } from './mlflow-server.ts';
import { ensurePythonEnvironment, type PythonEnvironment } from './python-environment.ts';
import {
  startTemporalServer,
  type TemporalServer,
  type TemporalServerOptions,
} from './temporal-server.ts';

const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));

export interface EmbeddedServersOptions {
  readonly stateDir: string;
  readonly env: Environment;
  /** Told one line per stage, and later per death and restart of a server. */
  readonly log: (line: string) => void;
  /** Left out when the settings name a Temporal to use. */
  readonly temporal?: Pick<
    TemporalServerOptions,
    'port' | 'uiPort' | 'namespace' | 'searchAttributes' | 'codecEndpoint' | 'retentionDays'
  >;
  /** Left out when the settings name an MLflow to use. */
  readonly mlflow?: { readonly port: number };
  /** Where the pinned programs come from, if not from STATE_DIR/python. */
  readonly python?: () => Promise<PythonEnvironment>;
  /** Gives a start up, what was started being ended; no server is started again afterwards. */
  readonly signal?: AbortSignal;
}

export interface EmbeddedServers {
  readonly temporal: TemporalServer | undefined;
  readonly mlflow: MlflowServer | undefined;
  /** Settles only when restarting one of them has been given up, with the reason. */
  readonly givenUp: Promise<Failure>;
  readonly stop: () => Promise<void>;
}

/**
 * Starts the wanted servers side by side, installing them into STATE_DIR/python if PATH has none, and
 * waits until both answer. If one fails, the other is stopped. One that dies later is started again.
 * @throws Failure SETUP_FAILED of the first that failed
 */
export async function startEmbeddedServers(
  options: EmbeddedServersOptions,
): Promise<EmbeddedServers> {
  const { stateDir, env, log } = options;
  let installed: Promise<PythonEnvironment> | undefined;
  const python = () =>
    (installed ??=
      options.python?.() ??
      ensurePythonEnvironment({
        directory: join(stateDir, 'python'),
        requirements: REQUIREMENTS,
        env,
        log,
      }));

  // The failure of one ends the start of the other.
  const failed = new AbortController();
  const signal = AbortSignal.any([failed.signal, ...(options.signal ? [options.signal] : [])]);
  const orEndAll = <T>(start: Promise<T>): Promise<T> => {
    start.catch((error: unknown) => {
      failed.abort(error);
    });
    return start;
  };

  const startTemporal = async (): Promise<TemporalServer | undefined> => {
    if (options.temporal === undefined) return undefined;
    const executable = await findTemporal({ env, python });
    log('Starting Temporal');
    return startTemporalServer({ ...options.temporal, executable, stateDir, env, log, signal });
  };
  const startMlflow = async (): Promise<MlflowServer | undefined> => {
    if (options.mlflow === undefined) return undefined;
    const executable = await findMlflow({ env, python });
    log('Starting MLflow');
    return startMlflowServer({ ...options.mlflow, executable, stateDir, env, log, signal });
  };

  const [temporal, mlflow] = await Promise.allSettled([
    orEndAll(startTemporal()),
    orEndAll(startMlflow()),
  ]);
  const stop = async () => {
    const started = [temporal, mlflow].flatMap((start) =>
      start.status === 'fulfilled' && start.value !== undefined ? [start.value] : [],
    );
    await Promise.all(started.map((server) => server.stop()));
  };
  if (temporal.status === 'fulfilled' && mlflow.status === 'fulfilled') {
    const givenUp = Promise.race(
      [temporal.value, mlflow.value].flatMap((server) => server?.givenUp ?? []),
    );
    return { temporal: temporal.value, mlflow: mlflow.value, givenUp, stop };
  }
  await stop();
  throw signal.reason;
}
