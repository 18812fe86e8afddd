import { Failure } from '../../schemas/failure.ts';
import { readAddress } from './server-address.ts';
import type { MlflowCredentials } from './server-address.ts';
import type { TlsOptions } from './tls-fetch.ts';
import type { MlflowClient } from './tracking-types.ts';

export interface TrackingServer {
  readonly url: string;
  /** This and the rest are only ever given for the default server's own origin. */
  readonly credentials?: MlflowCredentials | undefined;
  readonly workspace?: string | undefined;
  readonly tls?: TlsOptions | undefined;
}

export interface TrackingServersOptions {
  /** MLFLOW_TRACKING_URI. */
  readonly defaultUrl: string;
  /** MLFLOW_TRACKING_URIS: further servers that a request may name. */
  readonly allowed: readonly string[];
  /** For the default server. */
  readonly credentials?: MlflowCredentials | undefined;
  readonly workspace?: string | undefined;
  readonly tls?: TlsOptions | undefined;
  readonly makeClient: (server: TrackingServer) => MlflowClient;
}

export interface TrackingServers {
  /**
   * The client of the server that a request names, of the default one when it names none. There is
   * one client per server, so that its bound on concurrent requests holds.
   * @throws Failure TRACKING_URI_NOT_ALLOWED
   */
  clientFor(trackingUri: string | undefined): MlflowClient;
  /**
   * The one spelling of a server's address, to store and to compare: localhost for every loopback
   * name, no trailing slash, no credentials.
   * @throws Failure TRACKING_URI_NOT_ALLOWED
   */
  normalise(trackingUri: string | undefined): string;
}

/**
 * The MLflow servers that requests may use. A request's address is only compared, never called:
 * calls go to the address in the settings, so that no request can make us call anything else.
 */
export function createTrackingServers(options: TrackingServersOptions): TrackingServers {
  const clients = new Map<string, () => MlflowClient>();
  const home = settingsAddress(options.defaultUrl, 'MLFLOW_TRACKING_URI');
  const homeOrigin = new URL(home.name).origin;

  for (const url of [options.defaultUrl, ...options.allowed]) {
    const address = settingsAddress(url, 'MLFLOW_TRACKING_URIS');
    if (clients.has(address.name)) continue;
    const atHome = new URL(address.name).origin === homeOrigin;
    const access = atHome
      ? {
          credentials: options.credentials ?? home.credentials,
          workspace: options.workspace,
          tls: options.tls,
        }
      : { credentials: address.credentials };
    let client: MlflowClient | undefined;
    clients.set(address.name, () => {
      client ??= options.makeClient({ url: address.url, ...access });
      return client;
    });
  }

  function normalise(trackingUri: string | undefined): string {
    if (trackingUri === undefined) return home.name;
    const address = readAddress(trackingUri);
    // A password in a request would end up in Temporal's history.
    if (!address || address.credentials || !clients.has(address.name)) {
      throw new Failure(
        'TRACKING_URI_NOT_ALLOWED',
        'This tracking_uri is not among the MLflow servers that may be used.',
        'Leave tracking_uri out, or have the operator add it, without credentials, to MLFLOW_TRACKING_URIS.',
      );
    }
    return address.name;
  }

  return { normalise, clientFor: (trackingUri) => clients.get(normalise(trackingUri))!() };
}

function settingsAddress(url: string, setting: string) {
  const address = readAddress(url);
  if (!address) throw new TypeError(`${setting} must hold http:// or https:// addresses`);
  return address;
}
