import { Failure } from '../../schemas/failure.ts';
import { readAddress } from './server-address.ts';

/**
 * A path of names between single slashes, each encoded for a URL. MLflow decodes again what it has
 * decoded already, takes no `#` and does not list a folder with `?`: such names come out changed or
 * not at all.
 * @throws TypeError for a path that no step of ours should have made
 */
function encodeArtifactPath(path: string): string {
  const parts = path.split('/');
  const bad = (part: string) => part === '' || part === '.' || part === '..';
  if (parts.some(bad) || /[\\%#?\p{Cc}]/u.test(path)) {
    throw new TypeError('an artifact path has plain names between single slashes');
  }
  return parts.map(encodeURIComponent).join('/');
}

/** Where the proxy's artifacts begin, below the tracking server's address. */
export const PROXY = '/api/2.0/mlflow-artifacts/artifacts';
const REMEDY =
  'Start MLflow with --serve-artifacts and --artifacts-destination, then use a new experiment: existing ones keep their place.';

function refuse(message: string, hint = REMEDY): Failure {
  return new Failure('MLFLOW_REFUSED', message, hint);
}

/**
 * Where MLflow's artifact proxy serves a run's artifact: a path below the tracking server's address.
 * @param artifactUri the run's: `mlflow-artifacts:/…`, `mlflow-artifacts://host:port/…`, or the
 *   proxy's own http(s) address
 * @throws Failure MLFLOW_REFUSED when the artifacts lie elsewhere, on another server included:
 *   neither data nor credentials go to a host that only a run's record names
 */
export function artifactPath(serverUrl: string, artifactUri: string, path: string): string {
  const [, scheme = '', host = '', folder = ''] =
    /^([a-z][a-z0-9+.-]*):(?:\/\/([^/]*))?(\/[^?#]*)$/i.exec(artifactUri) ?? [];
  const proxied = /^mlflow-artifacts$/i.test(scheme);
  if (/^(file)?$/i.test(scheme)) {
    throw refuse('This experiment keeps its artifacts in a folder of the MLflow machine.');
  }
  if (!proxied && !/^https?$/i.test(scheme)) {
    throw refuse('This experiment keeps its artifacts in a store that MLflow does not proxy.');
  }
  if (host !== '' || !proxied) {
    const server = new URL(readAddress(serverUrl)!.name);
    const other = readAddress(`${proxied ? server.protocol : `${scheme}:`}//${host}`);
    if (other?.name !== server.origin) {
      throw refuse(
        'This experiment keeps its artifacts on another server than its runs.',
        'Let one MLflow server serve both, under the address in MLFLOW_TRACKING_URI.',
      );
    }
  }
  const [, inProxy] = proxied ? ['', folder] : folder.split(PROXY, 2);
  if (!inProxy?.startsWith('/')) {
    throw refuse('This experiment keeps its artifacts in a store that MLflow does not proxy.');
  }
  const root = inProxy.replace(/^\/+|\/+$/g, '');
  return `${PROXY}/${encodeArtifactPath(root === '' ? path : `${root}/${path}`)}`;
}
