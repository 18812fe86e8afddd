import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';

import { ConfigError, type Config } from '../../schemas/config.ts';
import type { TlsOptions } from './tls-fetch.ts';

type PathSetting = 'MLFLOW_TRACKING_SERVER_CERT_PATH' | 'MLFLOW_TRACKING_CLIENT_CERT_PATH';

/** A PEM file that `check` takes. */
function readPem(
  config: Config,
  setting: PathSetting,
  check: (pem: string) => unknown,
): string | undefined {
  const path = config[setting];
  if (path === undefined) return undefined;
  try {
    const pem = readFileSync(path, 'utf8');
    check(pem);
    return pem;
  } catch {
    const content = setting.includes('CLIENT') ? 'a certificate and its key' : 'certificates';
    throw new ConfigError(`Wrong setting: ${setting} must be a readable PEM file with ${content}`);
  }
}

/**
 * TLS as MLflow's own variables say; undefined when they say nothing.
 * @throws ConfigError when a file is not what it should be
 */
export function tlsFromConfig(config: Config): TlsOptions | undefined {
  const ca = readPem(config, 'MLFLOW_TRACKING_SERVER_CERT_PATH', (pem) => new X509Certificate(pem));
  const clientCertificate = readPem(config, 'MLFLOW_TRACKING_CLIENT_CERT_PATH', (pem) =>
    createSecureContext({ cert: pem, key: pem }),
  );
  const insecure = config.MLFLOW_TRACKING_INSECURE_TLS;
  return ca === undefined && clientCertificate === undefined && !insecure
    ? undefined
    : { ca, clientCertificate, insecure };
}
