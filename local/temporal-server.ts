import { Connection } from '@temporalio/client';
import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Environment } from './executables.ts';
import { startKeptServer, type KeptServer } from './kept-server.ts';
import { temporalEnvironment } from './server-environment.ts';

const SECONDS_PER_DAY = 86_400;
const CONNECT_MS = 2_000;

type SearchAttributeType =
  'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

export interface TemporalServerOptions {
  /** Path of Temporal's command-line program. */
  readonly executable: string;
  readonly stateDir: string;
  readonly port: number;
  readonly uiPort: number;
  readonly env: Environment;
  /** Told one line of a death, of a restart, and of the first answer afterwards. */
  readonly log: (line: string) => void;
  readonly namespace?: string;
  /** Where the UI has encrypted payloads decoded. */
  readonly codecEndpoint?: string;
  /** Custom search attributes to register, by name. */
  readonly searchAttributes?: Readonly<Record<string, SearchAttributeType>>;
  /** How long finished workflows can be looked at; 30 unless given. */
  readonly retentionDays?: number;
  readonly signal?: AbortSignal;
}

export interface TemporalServer extends KeptServer {
  /** host:port of its gRPC door. */
  readonly address: string;
  readonly uiUrl: string;
}

/**
 * The write-ahead log makes a step three times as cheap and still survives a killed process. Temporal polls
 * its queues of transfers and timers at most 20 times a second and shard, and a development server has one
 * shard: without the higher limits every workflow task waits 50 ms as soon as a short burst is used up.
 */
const SQLITE_PRAGMAS = ['journal_mode=wal', 'synchronous=normal'];
/** Also what ops/temporal/dynamic-config.yaml gives a Temporal in containers. */
export const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxPollRPS=1000',
  'history.visibilityProcessorMaxPollRPS=1000',
  // The UI's Pause, which Temporal has not made a default yet.
  'frontend.WorkflowPauseEnabled=true',
  // Tenants take turns in a queue: exactly so only when it has one part, which is plenty for one machine.
  'matching.enableFairness=true',
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  // What Temporal shows of runs is not minutes behind here: a version is drained soon after its last experiment.
  'matching.wv.VersionDrainageStatusVisibilityGracePeriod="5s"',
  'matching.wv.VersionDrainageStatusRefreshInterval="5s"',
];

/**
 * Starts Temporal's development server on a database file in `stateDir`, waits until its namespace
 * answers and keeps finished workflows for `retentionDays`, and restarts it whenever it dies.
 * @throws Failure SETUP_FAILED as {@link startKeptServer}
 */
export async function startTemporalServer(options: TemporalServerOptions): Promise<TemporalServer> {
  const { port, uiPort, namespace = 'default', retentionDays = 30, codecEndpoint } = options;
  const folder = join(resolve(options.stateDir), 'temporal');
  await mkdir(folder, { recursive: true });
  const database = join(folder, 'temporal.db');
  const repeat = (flag: string, values: readonly string[]) =>
    values.flatMap((value) => [flag, value]);
  const address = `127.0.0.1:${port}`;
  const server = await startKeptServer({
    title: 'Temporal',
    name: 'temporal',
    stateDir: options.stateDir,
    command: options.executable,
    args: [
      ...['server', 'start-dev', '--db-filename', database, '--log-level', 'warn'],
      ...['--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--ui-disable-news-fetch', '--namespace', namespace],
      ...(codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', codecEndpoint]),
      ...repeat('--sqlite-pragma', SQLITE_PRAGMAS),
      ...repeat('--dynamic-config-value', DYNAMIC_CONFIG),
      ...repeat(
        '--search-attribute',
        Object.entries(options.searchAttributes ?? {}).map(([name, type]) => `${name}=${type}`),
      ),
    ],
    env: { ...temporalEnvironment(options.env), DO_NOT_TRACK: '1' },
    ports: [
      { port, setting: 'TEMPORAL_PORT' },
      { port: uiPort, setting: 'TEMPORAL_UI_PORT' },
    ],
    mark: database,
    isReady: () => keepWorkflows(address, namespace, retentionDays),
    startSeconds: 60,
    signal: options.signal,
    log: options.log,
  });
  return { address, uiUrl: `http://127.0.0.1:${uiPort}`, ...server };
}

/** Sets how long the namespace keeps finished workflows; the development server's own default is a day. */
async function keepWorkflows(address: string, namespace: string, days: number): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_MS });
  try {
    const { workflowService } = connection;
    const { config } = await workflowService.describeNamespace({ namespace });
    const wanted = days * SECONDS_PER_DAY;
    if (Number(config?.workflowExecutionRetentionTtl?.seconds) !== wanted) {
      await workflowService.updateNamespace({
        namespace,
        config: { workflowExecutionRetentionTtl: { seconds: wanted as never } },
      });
    }
    return true;
  } finally {
    await connection.close();
  }
}
