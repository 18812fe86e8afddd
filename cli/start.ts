// npm start: everything on this machine. Brings up what the settings do not name, then worker and
// server, the demo data and, the first time, one demo run; serves until Ctrl-C.
import { randomBytes } from 'node:crypto';

import { startWorker } from '../activities/worker.ts';
import { writeDemoData } from '../examples/demo-data.ts';
import { isPortFree } from '../local/ports.ts';
import { runDemo } from '../local/demo-run.ts';
import { startEmbeddedServers, type EmbeddedServers } from '../local/embedded-servers.ts';
import { createLogger } from '../platform/logging.ts';
import { publicUrl } from '../schemas/access-settings.ts';
import type { Config } from '../schemas/config.ts';
import { createAuthentication, demandAuthentication } from '../server/access/authentication.ts';
import { portTaken, startServer } from '../server/listen.ts';
import { configOrExit } from './environment.ts';
import { exitWith } from './exit.ts';
import { openMetrics } from './open-metrics.ts';
import { aborted, stopSignal } from './shutdown.ts';

const settings = configOrExit();
// What it and the embedded servers write is its user's alone: rows, models, histories, keys.
process.umask(process.umask() | 0o077);
// The embedded Temporal UI sends no key: it gets an address of its own to decode at, another at each start.
const CODEC_TOKEN = settings.CODEC_TOKEN ?? randomBytes(32).toString('base64url');
const config = { ...settings, CODEC_TOKEN };
// People read this terminal: steps that go well are in the UIs, only trouble is logged.
const logger = createLogger('start', config.LOG_LEVEL === 'info' ? 'warn' : config.LOG_LEVEL);
const stop = stopSignal(logger);
const say = (line: string): void => console.log(line);

try {
  process.exit(await serve());
} catch (error) {
  if (stop.aborted) process.exit(130);
  exitWith(error);
}

/** Serves until it is told to stop (0), or a part has ended by itself and cannot be had again (1). */
async function serve(): Promise<number> {
  // Asked first: what follows takes a while, and would have been for nothing.
  const authentication = await createAuthentication(config, logger);
  demandAuthentication(config, authentication);
  if (!(await isPortFree(config.PORT))) throw portTaken(config);
  await using stack = new AsyncDisposableStack();
  const servers = await startEmbeddedServers({
    stateDir: config.STATE_DIR,
    env: process.env,
    log: say,
    signal: stop,
    ...embedded(config),
  });
  stack.defer(() => servers.stop());
  if (config.demoData) await writeDemoData(config.DATA_ROOTS[0] ?? 'data');
  const { metrics, close } = await openMetrics(config, 'start');
  stack.defer(close);
  say('Starting the worker and the server');
  const worker = await startWorker({
    config: besideMlflow(config, servers.mlflow),
    logger,
    environment: process.env,
    metrics,
  });
  stack.defer(async () => {
    // Without Temporal there is nobody to hand steps over to, and no use in waiting.
    if (servers.temporal?.isUp() ?? true) await worker.stop();
  });
  const server = await startServer(config, logger, metrics);
  stack.defer(() => server.stop());
  // Where callers are asked who they are, it would have to say so, too.
  if (config.demoData && !authentication) {
    await Promise.race([runDemo(server.url, config.STATE_DIR, say), aborted(stop)]);
  }
  if (!stop.aborted) say(welcome(config, server.url));
  const lost = await Promise.race([aborted(stop), worker.stopped, servers.givenUp]);
  if (lost) say(`${lost.message} ${lost.hint}`);
  say('Stopping …');
  return stop.aborted ? 0 : 1;
}

function embedded(config: Config & { readonly CODEC_TOKEN: string }) {
  const { TEMPORAL_PORT: port, TEMPORAL_UI_PORT: uiPort, TEMPORAL_NAMESPACE: namespace } = config;
  const { TEMPORAL_RETENTION_DAYS: retentionDays } = config;
  // The browser is on this machine: a server that listens on every address is found on loopback.
  const HOST = ['0.0.0.0', '::', '[::]'].includes(config.HOST) ? '127.0.0.1' : config.HOST;
  const codec = config.ENCRYPT_PAYLOADS
    ? { codecEndpoint: `${publicUrl({ HOST, PORT: config.PORT })}/codec/${config.CODEC_TOKEN}` }
    : {};
  return {
    ...(config.embeddedTemporal
      ? { temporal: { port, uiPort, namespace, retentionDays, ...codec } }
      : {}),
    ...(config.embeddedMlflow ? { mlflow: { port: config.MLFLOW_PORT } } : {}),
  };
}

/** A worker on MLflow's own machine writes artifacts where MLflow would put them. */
function besideMlflow(config: Config, mlflow: EmbeddedServers['mlflow']): Config {
  return mlflow ? { ...config, MLFLOW_ARTIFACTS_FOLDER: mlflow.artifacts } : config;
}

function welcome(config: Config, url: string): string {
  return [
    '',
    `  MCP          ${url}/mcp`,
    `  HTTP         ${url}/invoke, ${url}/tools, ${url}/health`,
    `  Temporal UI  ${config.temporalUiUrl ?? '(set TEMPORAL_UI_URL to have links)'}`,
    `  MLflow UI    ${config.mlflowPublicUrl}`,
    '',
    'Ready. Ctrl-C stops everything.',
  ].join('\n');
}
