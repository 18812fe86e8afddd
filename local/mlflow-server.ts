import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Failure } from '../schemas/failure.ts';
import type { Environment } from './executables.ts';
import { startKeptServer, type KeptServer } from './kept-server.ts';
import { mlflowEnvironment } from './server-environment.ts';

export interface MlflowServerOptions {
  /** Path of MLflow's command-line program. */
  readonly executable: string;
  readonly stateDir: string;
  readonly port: number;
  readonly env: Environment;
  /** Told one line of a death, of a restart, and of the first answer afterwards. */
  readonly log: (line: string) => void;
  readonly signal?: AbortSignal;
}

export interface MlflowServer extends KeptServer {
  /** Address of its API and UI. */
  readonly url: string;
  /** Folder of its artifacts, absolute. */
  readonly artifacts: string;
}

const SETTINGS = {
  // Its job runners are seven more processes, for features that we do not use.
  MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false',
  MLFLOW_DISABLE_TELEMETRY: 'true',
  DO_NOT_TRACK: '1',
  // The default of 5 + 10 connections is used up by a hundred requests at once, and then refuses for minutes.
  MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: '20',
  MLFLOW_SQLALCHEMYSTORE_MAX_OVERFLOW: '100',
};

/**
 * Starts an MLflow tracking server on a database file and an artifact folder in `stateDir`, waits until
 * its store answers, and restarts it whenever it dies.
 * @throws Failure SETUP_FAILED as {@link startKeptServer}
 */
export async function startMlflowServer(options: MlflowServerOptions): Promise<MlflowServer> {
  const { port } = options;
  const folder = join(resolve(options.stateDir), 'mlflow');
  const artifacts = join(folder, 'artifacts');
  await mkdir(artifacts, { recursive: true });
  const database = join(folder, 'mlflow.db');
  const url = `http://127.0.0.1:${port}`;
  const start = startKeptServer({
    title: 'MLflow',
    name: 'mlflow',
    stateDir: options.stateDir,
    command: options.executable,
    args: [
      ...['server', '--host', '127.0.0.1', '--port', String(port), '--workers', '1'],
      ...['--backend-store-uri', `sqlite:///${database}`, '--artifacts-destination', artifacts],
      // A line per request costs time, and the file would grow for ever.
      ...['--uvicorn-opts', '--no-access-log'],
    ],
    env: { ...mlflowEnvironment(options.env), ...SETTINGS },
    ports: [{ port, setting: 'MLFLOW_PORT' }],
    mark: `--port ${port}`,
    prepare: () => {
      useWriteAheadLog(database);
    },
    isReady: () => answers(url),
    startSeconds: 120,
    signal: options.signal,
    log: options.log,
  });
  const server = await start.catch(async (error: unknown) => {
    throw (await saysOutdated(options.stateDir)) ? outdated(options.executable, database) : error;
  });
  return { url, artifacts, ...server };
}

/** SQLite keeps this mode in the file itself; each of MLflow's commits costs a third less with it. */
function useWriteAheadLog(file: string): void {
  try {
    const database = new DatabaseSync(file);
    try {
      database.exec('pragma journal_mode = wal');
    } finally {
      database.close();
    }
  } catch (cause) {
    throw new Failure(
      'SETUP_FAILED',
      `MLflow's database ${file} cannot be opened.`,
      'See that no other program uses it and that this user may write there, or choose another STATE_DIR.',
      { cause },
    );
  }
}

/** MLflow changes its tables only when told to: after an update of its version it refuses to start. */
async function saysOutdated(stateDir: string): Promise<boolean> {
  const log = await readFile(join(stateDir, 'logs', 'mlflow.log'), 'utf8').catch(() => '');
  return log.includes('out-of-date database schema');
}

function outdated(executable: string, database: string): Failure {
  return new Failure(
    'SETUP_FAILED',
    "MLflow's database was made by another version of MLflow.",
    `Copy ${database} to a safe place, then run: ${executable} db upgrade sqlite:///${database}`,
  );
}

/** A search makes MLflow open its store and import what it would else import at the first run. */
async function answers(url: string): Promise<boolean> {
  const response = await fetch(`${url}/api/2.0/mlflow/runs/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ experiment_ids: ['0'], max_results: 1 }),
    signal: AbortSignal.timeout(20_000),
  });
  await response.body?.cancel();
  return response.ok;
}
