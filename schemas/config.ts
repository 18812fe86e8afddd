import { z } from 'zod';

import {
  accessSettings,
  checkAccessSettings,
  jwtSettings,
  publicUrl,
  type JwtSettings,
} from './access-settings.ts';
import { auditSettings, checkAuditSettings } from './audit-settings.ts';
import { limitSettings, rateSettings, type RateSettings } from './limit-settings.ts';
import { metricsSettings } from './metrics-settings.ts';
import { checkMlflowSettings, mlflowSettings } from './mlflow-settings.ts';
import { count, flag, isLoopback, list, port } from './setting-kinds.ts';
import { storageSettings } from './storage-settings.ts';
import { temporalSettings } from './temporal-settings.ts';
import { traceSettings } from './trace-settings.ts';
import { checkWorkerSettings, workerSettings } from './worker-settings.ts';

export { isLoopback } from './setting-kinds.ts';

/** Every setting, by its environment variable. All are optional. */
const environmentSchema = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address the server listens on.'),
    PORT: port(8000).describe('Port of MCP and the HTTP routes.'),
    ALLOWED_HOSTS: list
      .prefault('')
      .describe('Host names clients may use besides HOST and loopback.'),
    TOOL_NAME_STYLE: z
      .enum(['underscore', 'dotted'])
      .default('underscore')
      .describe('How MCP lists the tools: mlflow_get_run, or mlflow.get_run.'),
    ...accessSettings,

    ...temporalSettings,

    ...mlflowSettings,

    STATE_DIR: z.string().default('.state').describe('Embedded servers’ data, blobs and keys.'),
    DATA_ROOTS: list
      .prefault('data')
      .describe(
        'Folders that file sources may read, comma-separated: path, name=path (read as “name:file.csv”) or tenant/name=path. ' +
          'What names no tenant belongs to the tenant “default”, */name=path to all; a tenant sees no other folder.',
      ),
    ...storageSettings,
    SEAL_KEY_FILE: z
      .string()
      .optional()
      .describe('Key for secrets in requests; STATE_DIR/keys/seal.key.'),
    ENCRYPT_PAYLOADS: flag.prefault('').describe('Encrypt what Temporal keeps of runs.'),
    CODEC_TOKEN: z
      .string()
      .regex(/^[\w-]{32,128}$/, 'has 32 to 128 letters, digits, dashes and underscores')
      .optional()
      .describe('Lets a Temporal UI decode at /codec/{CODEC_TOKEN}: it can send no key.'),
    PAYLOAD_KEYS_FILE: z
      .string()
      .optional()
      .describe('Keys for both; STATE_DIR/keys/payload.keys.'),
    CONNECTIONS_FILE: z.string().optional().describe('JSON file of named SQL connections.'),
    ALLOW_RAW_CONNECTIONS: flag
      .optional()
      .describe('Connection strings in requests; by default only while HOST is loopback.'),

    ALLOWED_DATABASE_HOSTS: list
      .prefault('')
      .describe(
        'Hosts that a connection string may name although they are this machine or its link.',
      ),

    ...auditSettings,

    ...limitSettings,
    MAX_BODY_BYTES: count(64 * 1024 * 1024).describe(
      'Bytes of one request, inline records included.',
    ),
    MAX_ROWS: count(50_000_000).describe('Rows of a source.'),
    MAX_SOURCE_BYTES: count(8 * 1024 ** 3).describe(
      'Bytes of a source, as a file or as what a query answers.',
    ),
    MAX_COLUMNS: count(10_000).describe('Columns of a source.'),
    MAX_CLASSES: count(1_000).describe('Different labels of a source.'),
    QUERY_TIMEOUT_SECONDS: count(600).describe('How long a database may work on a query.'),
    RUN_TIMEOUT_SECONDS: count(86_400).describe(
      'How long a run may take; a request may ask for less.',
    ),
    TRAIN_THREADS: z.coerce
      .number()
      .int()
      .min(1)
      .max(256)
      .optional()
      .describe('Threads of one training; as many as cores when unset.'),
    CHECKPOINT_SECONDS: z.coerce
      .number()
      .positive()
      .default(5)
      .describe('A training keeps its state so often, at most.'),
    STOP_GRACE_SECONDS: z.coerce
      .number()
      .min(0)
      .default(10)
      .describe('How long a stopping worker lets its steps go on before it hands them back.'),
    WORKER_MEMORY_BYTES: z.coerce
      .number()
      .int()
      .min(256 << 20)
      .optional()
      .describe('Memory for a worker’s numeric work; 70 % of the machine’s when unset.'),
    ...workerSettings,
    ...metricsSettings,
    ...traceSettings,
    LOG_LEVEL: z
      .enum(['debug', 'info', 'warn', 'error', 'silent'])
      .default('info')
      .describe('Least that is logged, one JSON line an event on stderr.'),
  })
  .superRefine(checkMlflowSettings)
  .superRefine(checkAccessSettings)
  .superRefine(checkAuditSettings)
  .superRefine(checkWorkerSettings);

/** The environment variables that are read. */
export const SETTING_NAMES: readonly string[] = Object.keys(environmentSchema.shape);

/** Each setting with what holds when it is unset, and what it is for. */
export const SETTINGS = Object.entries(environmentSchema.shape).map(([name, setting]) => ({
  name,
  standard: String(setting.safeParse(undefined).data ?? ''),
  about: setting.description ?? '',
}));

/** The resolved settings; a path may be relative to the folder the process was started in. */
export interface Config extends z.infer<typeof environmentSchema>, RateSettings {
  readonly temporalAddress: string;
  /** Null when nobody said where the UI of a given Temporal is. */
  readonly temporalUiUrl: string | null;
  readonly mlflowUrl: string;
  readonly mlflowPublicUrl: string;
  /** True when nobody named an address, so that `npm start` runs the server itself. */
  readonly embeddedTemporal: boolean;
  readonly embeddedMlflow: boolean;
  /** A folder, or s3://bucket/prefix. */
  readonly blobStore: string;
  readonly sealKeyFile: string;
  readonly payloadKeysFile: string;
  readonly apiKeysFile: string;
  readonly auditKeysFile: string;
  /** A folder, or s3://bucket/prefix. */
  readonly auditCheckpoints: string;
  /** Null when no token is taken. */
  readonly jwt: JwtSettings | null;
  /** Where clients reach the server, without a slash at its end. */
  readonly publicUrl: string;
  readonly rawConnectionsAllowed: boolean;
  /** True when nobody named the data roots: only then may demo data be written there. */
  readonly demoData: boolean;
}

/** An address to show to people: MLflow's own variable may carry a password. */
function withoutCredentials(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href.replace(/\/+$/, '');
}

/** Whether a setting may hold a secret, or an address with one. */
export function mayHoldSecret(name: string): boolean {
  return /KEY|PASSWORD|TOKEN|URI|URL|ENDPOINT|HEADERS/.test(name);
}

/** The wrong value, unless it may hold a secret. */
function shownValue(name: string, given: Readonly<Record<string, string | undefined>>): string {
  return mayHoldSecret(name) ? '' : ` (it is “${given[name] ?? ''}”)`;
}

/** Thrown by {@link readConfig}: one line that names every wrong setting. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings out of an environment. Empty variables count as unset.
 * @throws ConfigError with one line that names what is wrong.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(
      (issue) =>
        `${issue.path.join('.')} ${issue.message}${shownValue(String(issue.path[0]), given)}`,
    );
    throw new ConfigError(`Wrong setting: ${problems.join('; ')}`);
  }
  const settings = parsed.data;
  const temporalAddress = settings.TEMPORAL_ADDRESS ?? `127.0.0.1:${settings.TEMPORAL_PORT}`;
  const mlflowUrl = (
    settings.MLFLOW_TRACKING_URI ?? `http://127.0.0.1:${settings.MLFLOW_PORT}`
  ).replace(/\/+$/, '');
  return {
    ...settings,
    temporalAddress,
    temporalUiUrl:
      settings.TEMPORAL_UI_URL ??
      (settings.TEMPORAL_ADDRESS === undefined
        ? `http://127.0.0.1:${settings.TEMPORAL_UI_PORT}`
        : null),
    mlflowUrl,
    mlflowPublicUrl: withoutCredentials(settings.MLFLOW_PUBLIC_URL ?? mlflowUrl),
    embeddedTemporal: settings.TEMPORAL_ADDRESS === undefined,
    embeddedMlflow: settings.MLFLOW_TRACKING_URI === undefined,
    blobStore: settings.BLOB_STORE ?? `${settings.STATE_DIR}/blobs`,
    sealKeyFile: settings.SEAL_KEY_FILE ?? `${settings.STATE_DIR}/keys/seal.key`,
    payloadKeysFile: settings.PAYLOAD_KEYS_FILE ?? `${settings.STATE_DIR}/keys/payload.keys`,
    apiKeysFile: settings.API_KEYS_FILE ?? `${settings.STATE_DIR}/keys/api-keys.json`,
    auditKeysFile: settings.AUDIT_KEYS_FILE ?? `${settings.STATE_DIR}/keys/audit.keys`,
    auditCheckpoints: settings.AUDIT_CHECKPOINTS ?? `${settings.STATE_DIR}/audit/checkpoints`,
    jwt: jwtSettings(settings),
    publicUrl: publicUrl(settings),
    demoData: given['DATA_ROOTS'] === undefined,
    ...rateSettings(settings),
    rawConnectionsAllowed: settings.ALLOW_RAW_CONNECTIONS ?? isLoopback(settings.HOST),
  };
}
