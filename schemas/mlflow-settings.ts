import { z } from 'zod';

import { count, flag, httpUrl, list, port } from './setting-kinds.ts';

/** Which MLflow, and how it is called; names are MLflow’s own where it has them. */
export const mlflowSettings = {
  MLFLOW_TRACKING_URI: httpUrl.optional().describe('MLflow to use; an embedded one when unset.'),
  MLFLOW_TRACKING_URIS: list
    .prefault('')
    .describe('Further MLflow servers that a request may name.'),
  MLFLOW_TRACKING_USERNAME: z
    .string()
    .optional()
    .describe('User at MLFLOW_TRACKING_URI; sent to no other server.'),
  MLFLOW_TRACKING_PASSWORD: z.string().optional().describe('Password at MLFLOW_TRACKING_URI.'),
  MLFLOW_TRACKING_TOKEN: z
    .string()
    .optional()
    .describe('Bearer token at MLFLOW_TRACKING_URI, in place of user and password.'),
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
  MLFLOW_WORKSPACE: z.string().optional().describe('Workspace of an MLflow that has several.'),
  MLFLOW_PUBLIC_URL: httpUrl.optional().describe('Where people open the MLflow UI.'),
  MLFLOW_ARTIFACTS_FOLDER: z
    .string()
    .optional()
    .describe('Folder behind MLflow’s artifact proxy, where workers can write it: saves uploads.'),
  MLFLOW_PORT: port(5000).describe('Port of the embedded MLflow.'),
  MLFLOW_HTTP_REQUEST_TIMEOUT: count(30).describe(
    'Seconds for one request to MLflow, tried five times; artifacts have longer.',
  ),
  MLFLOW_CONCURRENCY: count(8).describe('Requests to MLflow at once, per process.'),
} as const;

type MlflowSettings = z.infer<z.ZodObject<typeof mlflowSettings>>;

/** Trusting anybody, and only one, is a mistake. */
export function checkMlflowSettings(
  settings: Pick<
    MlflowSettings,
    'MLFLOW_TRACKING_INSECURE_TLS' | 'MLFLOW_TRACKING_SERVER_CERT_PATH'
  >,
  context: z.RefinementCtx,
): void {
  if (!settings.MLFLOW_TRACKING_INSECURE_TLS) return;
  if (settings.MLFLOW_TRACKING_SERVER_CERT_PATH === undefined) return;
  context.addIssue({
    code: 'custom',
    path: ['MLFLOW_TRACKING_SERVER_CERT_PATH'],
    message: 'makes no sense beside MLFLOW_TRACKING_INSECURE_TLS=true',
  });
}
