import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { readDependenciesHash } from '../platform/dependencies-hash.ts';
import { bundleWorkflowCode, type Logger, type WorkflowBundleOption } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CACHE = join(ROOT, 'node_modules', '.cache', 'durable-experiments');
/** Folders that the workflows' code comes from. */
const SOURCES = ['workflows', 'schemas', 'platform/codec'];

/**
 * The workflows' code as Temporal runs it. Bundled once for each state of its sources and libraries, as that costs a
 * second; a folder that can't be written costs it each time.
 */
export async function workflowBundle(
  { failureConverterPath }: { readonly failureConverterPath?: string },
  logger: Logger,
): Promise<WorkflowBundleOption> {
  const codePath = join(CACHE, `workflows-${await sourcesHash(failureConverterPath ?? '')}.js`);
  if (
    await access(codePath).then(
      () => true,
      () => false,
    )
  )
    return { codePath };
  const bundle = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    ...(failureConverterPath !== undefined && { failureConverterPath }),
    logger,
  });
  const draft = `${codePath}.${randomUUID()}`;
  try {
    await mkdir(CACHE, { recursive: true });
    await writeFile(draft, bundle.code);
    await rename(draft, codePath);
    return { codePath };
  } catch {
    return bundle;
  }
}

/** Of all that the bundle is made from; the lock file stands for the libraries. */
async function sourcesHash(more: string): Promise<string> {
  const hash = createHash('sha256').update(more);
  for (const folder of SOURCES) {
    for (const name of (await readdir(join(ROOT, folder))).sort()) {
      hash.update(`${folder}/${name}\n`).update(await readFile(join(ROOT, folder, name)));
    }
  }
  hash.update(await readDependenciesHash());
  return hash.digest('hex').slice(0, 32);
}
