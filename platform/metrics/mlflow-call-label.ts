import { oneOf } from './label-values.ts';

const RESOURCES: ReadonlySet<string> = new Set([
  ...['experiments', 'runs', 'metrics', 'logged-models', 'registered-models', 'model-versions'],
  'artifacts',
]);
const VERBS: ReadonlySet<string> = new Set([
  ...['create', 'get', 'get-by-name', 'search', 'update', 'delete', 'list', 'restore'],
  ...['log-batch', 'log-inputs', 'outputs', 'set-tag', 'delete-tag', 'alias', 'get-history'],
  ...['get-latest-versions', 'tags', 'complete', 'abort'],
]);
const METHODS: ReadonlySet<string> = new Set(['get', 'put', 'post', 'patch', 'delete']);

/**
 * What a request to MLflow is about, in a word of a short list: `runs/create`. Ids, names and paths of artifacts
 * never get into it.
 */
export function mlflowCallLabel({
  method,
  path,
}: {
  readonly method: string;
  readonly path: string;
}): string {
  const [, , api = '', resource = '', verb = ''] = (path.split('?')[0] ?? '').split('/').slice(1);
  const did = oneOf(METHODS, method.toLowerCase());
  if (path === '/version') return 'version';
  if (api === 'mlflow-artifacts') {
    if (resource === 'mpu') return `multipart/${oneOf(VERBS, verb)}`;
    return `artifacts/${did === 'get' && verb === '' ? 'list' : did}`;
  }
  if (api !== 'mlflow' || !RESOURCES.has(resource)) return 'other';
  // Logged models are told apart by their id, and their calls by the method.
  return `${resource}/${VERBS.has(verb) ? verb : did}`;
}
