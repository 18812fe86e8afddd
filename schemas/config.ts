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
import { TASK_QUEUE } from './names.ts';
import { count, flag, httpUrl, isLoopback, list, port } from './setting-kinds.ts';
import { workerSettings } from './worker-settings.ts';

export { isLoopback } from './setting-kinds.ts';

/** Every setting, by its environment variable. All are optional. */
const environmentSchema = z
  .object({
    HOST: z.string().default('127.0.0.1').describe('Address the server listens on.'),
    PORT: port(8000).describe('Port of MCP and the HTTP routes.'),
    ALLOWED_HOSTS: list
      .prefault('')
      .describe('Host names clients may use besides HOST and loopback.'),
    TOOL_NAME_STYLE: z.enum(['underscore', 'dotted']).default('underscore'),
    ...accessSettings,

    TEMPORAL_ADDRESS: z
      .string()
      .optional()
      .describe('Temporal to use; an embedded one when unset.'),
    TEMPORAL_NAMESPACE: z.string().default('default'),
    TEMPORAL_TASK_QUEUE: z.string().default(TASK_QUEUE),
    TEMPORAL_API_KEY: z.string().optional(),
    TEMPORAL_TLS: flag.optional().describe('TLS towards Temporal; on when an API key is set.'),
    TEMPORAL_UI_URL: httpUrl.optional().describe('Where people open the Temporal UI.'),
    TEMPORAL_PORT: port(7233).describe('Port of the embedded Temporal.'),
    TEMPORAL_UI_PORT: port(8233).describe('Port of the embedded Temporal UI.'),

    MLFLOW_TRACKING_URI: httpUrl.optional().describe('MLflow to use; an embedded one when unset.'),
    MLFLOW_TRACKING_URIS: list
      .prefault('')
      .describe('Further MLflow servers that a request may name.'),
    MLFLOW_TRACKING_USERNAME: z.string().optional(),
    MLFLOW_TRACKING_PASSWORD: z.string().optional(),
    MLFLOW_TRACKING_TOKEN: z.string().optional(),
    MLFLOW_TRACKING_INSECURE_TLS: flag
      .optional()
      .describe('Trust whoever answers at MLFLOW_TRACKING_URI; for tests only.'),
    MLFLOW_TRACKING_SERVER_CERT_PATH: z
      .string()
      .optional()
      .describe('PEM file of the only certificates to trust at MLFLOW_TRACKING_URI.'),
    MLFLOW_TRACKING_CLIENT_CERT_PATH: z
      .string()
      .optional()
      .describe('PEM file with our certificate and its key, for MLFLOW_TRACKING_URI.'),
    MLFLOW_WORKSPACE: z.string().optional(),
    MLFLOW_PUBLIC_URL: httpUrl.optional().describe('Where people open the MLflow UI.'),
    MLFLOW_ARTIFACTS_FOLDER: z
      .string()
      .optional()
      .describe(
        'Folder behind MLflow’s artifact proxy, where workers can write it: saves uploads.',
      ),
    MLFLOW_PORT: port(5000).describe('Port of the embedded MLflow.'),
    MLFLOW_HTTP_REQUEST_TIMEOUT: count(30).describe(
      'Seconds for one request to MLflow, tried five times; artifacts have longer.',
    ),
    MLFLOW_CONCURRENCY: count(8).describe('Requests to MLflow at once, per process.'),

    STATE_DIR: z.string().default('.state').describe('Embedded servers’ data, blobs and keys.'),
    DATA_ROOTS: list
      .prefault('data')
      .describe(
        'Folders that file sources may read, comma-separated: path, name=path (read as “name:file.csv”) or tenant/name=path. ' +
          'What names no tenant belongs to the tenant “default”, */name=path to all; a tenant sees no other folder.',
      ),
    BLOB_STORE: z
      .string()
      .refine((value) => !/^[a-z0-9]+:\/\//i.test(value), 'must be a folder')
      .optional()
      .describe('Folder of the blobs; STATE_DIR/blobs when unset.'),
    SEAL_KEY_FILE: z
      .string()
      .optional()
      .describe('Key for secrets in requests; STATE_DIR/keys/seal.key.'),
    ENCRYPT_PAYLOADS: flag.prefault('').describe('Encrypt what Temporal keeps of runs.'),
    ENCRYPT_BLOBS: flag
      .prefault('')
      .describe('Encrypt the data, models and results in BLOB_STORE.'),
    CODEC_TOKEN: z
      .string()
      .regex(/^[\w-]{32,128}$/, 'has 32 to 128 letters, digits, dashes and underscores')
      .optional()
      .describe('Lets a Temporal UI decode at /codec/<CODEC_TOKEN>: it can send no key.'),
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
    MAX_BODY_BYTES: count(64 * 1024 * 1024),
    MAX_ROWS: count(50_000_000),
    MAX_SOURCE_BYTES: count(8 * 1024 ** 3),
    MAX_COLUMNS: count(10_000),
    MAX_CLASSES: count(1_000),
    QUERY_TIMEOUT_SECONDS: count(600),
    RUN_TIMEOUT_SECONDS: count(86_400),
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
    LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine(
    (settings) =>
      !settings.MLFLOW_TRACKING_INSECURE_TLS ||
      settings.MLFLOW_TRACKING_SERVER_CERT_PATH === undefined,
    {
      path: ['MLFLOW_TRACKING_SERVER_CERT_PATH'],
      error: 'makes no sense beside MLFLOW_TRACKING_INSECURE_TLS=true',
    },
  )
  .superRefine(checkAccessSettings)
  .superRefine(checkAuditSettings);

/** The environment variables that are read. */
export const SETTING_NAMES: readonly string[] = Object.keys(environmentSchema.shape);

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
  return /KEY|PASSWORD|TOKEN|URI|URL/.test(name);
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
