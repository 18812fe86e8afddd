import { plainText } from '../../plain-text.ts';
import type { LineageStart, RunLineage } from './find-lineage.ts';
import type { Registration } from './run-descendants.ts';
import type { RunRequest } from './run-request.ts';
import type { RunVersions } from './run-versions.ts';
import { tree, type Tree } from './tree-text.ts';
import type { RunTrace } from './trace-run.ts';

/** A lineage for people: from data forward to models, from anything else backward to data and request. */
export function lineageTree(start: LineageStart, runs: readonly RunLineage[]): Tree {
  if (start.kind === 'data') return tree(`data SHA-256 ${start.sha256}`, ...runs.map(forward));
  if (start.kind === 'run') return tree(`run ${start.id}`, ...runs.map(bothWays));
  const title = start.kind === 'model-id' ? `model ${start.id}` : registeredName(start);
  return tree(title, ...runs.map((run) => backward(run, start)));
}

function registeredName({ name, version }: { name: string; version?: string | undefined }): string {
  return `registered model ${plainText(name)}${version === undefined ? ', all versions' : `, version ${version}`}`;
}

function forward(run: RunLineage): Tree {
  return tree(runLine(run), requestLine(run.request), modelLine(run), ...cameOf(run));
}

function bothWays(run: RunLineage): Tree {
  return tree(runLine(run), modelLine(run), ...cameOf(run), ...cameFrom(run));
}

function backward(run: RunLineage, start: LineageStart): Tree {
  const own = run.registrations.filter(
    ({ version }) =>
      start.kind !== 'model' || start.version === undefined || version === start.version,
  );
  return tree(
    `${modelLine(run) ?? 'model unknown'}`,
    ...own.map((one) => registrationTree(one, run)),
    tree(runLine(run), ...cameFrom(run)),
  );
}

function cameFrom(run: RunTrace): (Tree | undefined)[] {
  const {
    source_sha256: source,
    dataset_sha256: data,
    dataset_rows: rows,
    split_sha256: split,
  } = run;
  const dataTree =
    data === null
      ? undefined
      : tree(
          `data SHA-256 ${data}, ${rows ?? '?'} rows`,
          source === null ? undefined : `source SHA-256 ${source}`,
        );
  return [
    run.rerun_of === null ? undefined : tree(`does run ${run.rerun_of} again`),
    run.reused_run === null ? undefined : tree(`uses the results of run ${run.reused_run}`),
    split === null ? dataTree : tree(`split SHA-256 ${split}`, dataTree),
    requestTree(run),
    tree(versionsLine(run.versions)),
  ];
}

function cameOf(run: RunLineage): Tree[] {
  return [
    ...run.registrations.map((one) => registrationTree(one, run)),
    ...run.reruns.map((rerun) => tree(`done again: ${runLine(rerun)}`, modelLine(rerun))),
    ...run.reuses.map((reuse) =>
      tree(`used again by ${reuse.workflow_id}`, requestLine(reuse.request)),
    ),
  ];
}

function runLine({ run_id, workflow_id, status, started_at, erased_at, resets }: RunTrace): string {
  return [
    run_id === null ? 'no MLflow run' : `run ${run_id}`,
    status ?? 'without a recorded end',
    started_at ?? '',
    workflow_id,
    resets > 0 ? `${resets} ${resets === 1 ? 'reset' : 'resets'}` : '',
    erased_at === null ? '' : `erased ${erased_at}`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function modelLine({ model_id: id, model_sha256: sha256 }: RunTrace): string | undefined {
  if (id === null && sha256 === null) return undefined;
  return `model ${id ?? '(not logged)'}${sha256 === null ? '' : `, SHA-256 ${sha256}`}`;
}

function registrationTree(one: Registration, { workflow_id: own, reuses }: RunLineage): Tree {
  const name = `${plainText(one.name)}${one.version === null ? '' : ` version ${one.version}`}`;
  const champion = one.champion ? 'became champion' : 'did not become champion';
  const by = reuses.find(({ workflow_id }) => workflow_id === one.workflow_id);
  return tree(
    `${one.version === null ? 'refused as' : 'registered as'} ${name}, ${champion}: ${plainText(one.reason)} (${one.at})`,
    one.workflow_id === own ? undefined : `by ${one.workflow_id}, which used the run again`,
    by && requestLine(by.request),
  );
}

function requestTree({ request }: RunTrace): Tree | undefined {
  if (!request) return undefined;
  const { arguments: args } = request;
  return tree(
    String(requestLine(request)),
    args === null ? 'arguments: erased' : `arguments: ${plainText(JSON.stringify(args))}`,
  );
}

function requestLine(request: RunRequest | null): string | undefined {
  if (!request) return undefined;
  const caller = request.caller === '' ? 'somebody unknown' : plainText(request.caller);
  return `asked for by ${caller}, ${request.at}${request.tool === null ? '' : `, ${plainText(request.tool)}`}`;
}

function versionsLine({ code, dependencies, node }: RunVersions): string {
  const known = (versions: readonly string[]): string =>
    versions.length === 0 ? 'not recorded' : versions.map(plainText).join(' and ');
  return `code ${known(code)}, lock file SHA-256 ${known(dependencies)}, Node ${known(node)}`;
}
