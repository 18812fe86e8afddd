import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { FAILURE_CONVERTER } from '../platform/codec/data-converter.ts';
import { readDependenciesHash } from '../platform/dependencies-hash.ts';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** What is bundled: the workflows, and what observes them. */
export const WORKFLOWS = {
  workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
  workflowInterceptorModules: [
    fileURLToPath(new URL('../workflows/observe-run.ts', import.meta.url)),
  ],
};
/** Made ahead, for a package or an image (see {@link prebuildWorkflows}). */
const PREBUILT = join(ROOT, 'prebuilt');
const CACHE = join(ROOT, 'node_modules', '.cache', 'durable-experiments');
/** Folders that the workflows' code comes from. */
const SOURCES = ['workflows', 'schemas', 'platform/codec'];

interface SourceMap {
  readonly sources: readonly string[];
}

/** The part of a data converter that goes into the bundle. */
interface BundledConverter {
  readonly failureConverterPath?: string;
}

/**
 * The workflows' code as Temporal runs it. Bundled once for each state of its sources and libraries, as that costs a
 * second or more; a folder that can't be written costs it each time.
 */
export async function workflowBundle(
  converter: BundledConverter,
  logger: Logger,
): Promise<WorkflowBundleOption> {
  const name = await bundleName(converter);
  for (const folder of [PREBUILT, CACHE]) {
    const codePath = join(folder, name);
    if (await exists(codePath)) return { codePath };
  }
  const code = await bundledCode(converter, logger);
  return keep(CACHE, name, code).then(
    (codePath) => ({ codePath }),
    () => ({ code }),
  );
}

/** Bundles the workflows ahead, with and without encryption of failures, to be found by the very same sources. */
export async function prebuildWorkflows(logger: Logger): Promise<void> {
  await rm(PREBUILT, { recursive: true, force: true });
  for (const converter of [{}, { failureConverterPath: FAILURE_CONVERTER }]) {
    await keep(PREBUILT, await bundleName(converter), await bundledCode(converter, logger));
  }
}

async function bundledCode(
  { failureConverterPath }: BundledConverter,
  logger: Logger,
): Promise<string> {
  const { code } = await bundleWorkflowCode({
    ...WORKFLOWS,
    ...(failureConverterPath !== undefined && { failureConverterPath }),
    logger,
  });
  return withoutPlace(code);
}

/** Stack traces name files from our own folder on: a bundle is carried to machines that have another. */
function withoutPlace(code: string): string {
  return code.replace(/(?<=sourceMappingURL=data:application\/json;.*base64,).+/, (encoded) => {
    const map = JSON.parse(Buffer.from(encoded, 'base64').toString()) as SourceMap;
    const sources = map.sources.map((source) =>
      source.replace(ROOT, '').replace(/^.*(?=node_modules\/)/, ''),
    );
    return Buffer.from(JSON.stringify({ ...map, sources, sourcesContent: [] })).toString('base64');
  });
}

/** Whole or not at all: another worker may look at the same time. */
async function keep(folder: string, name: string, code: string): Promise<string> {
  const path = join(folder, name);
  const draft = `${path}.${randomUUID()}`;
  await mkdir(folder, { recursive: true });
  await writeFile(draft, code);
  await rename(draft, path);
  return path;
}

/** Of all that the bundle is made from, and not of where it lies; the lock file stands for the libraries. */
async function bundleName({ failureConverterPath }: BundledConverter): Promise<string> {
  const hash = createHash('sha256').update(failureConverterPath === undefined ? '' : 'converted');
  for (const folder of SOURCES) {
    for (const name of (await readdir(join(ROOT, folder))).sort()) {
      hash.update(`${folder}/${name}\n`).update(await readFile(join(ROOT, folder, name)));
    }
  }
  hash.update(await readDependenciesHash());
  return `workflows-${hash.digest('hex').slice(0, 32)}.js`;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
