// npm run emit: the product in JavaScript, below dist/ as the sources lie below the project, with the workflows bundled.
// Node strips no types below node_modules, where a package lies: so it is done ahead, as Node does it, line by line.
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { extname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type * as Bundles from '../../activities/workflow-bundle.ts';
import { sdkLogger } from '../../activities/sdk-logger.ts';
import { createLogger } from '../../platform/logging.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DIST = join(ROOT, 'dist');
const PRODUCT = [
  ...['activities', 'cli', 'learning', 'local', 'platform', 'schemas', 'server', 'workflows'],
  'examples/demo-data.ts',
  // Which packages there must be, and in which versions: as in a clone.
  ...['package.json', 'package-lock.json'],
];
/** Other files of those folders: what runs under older Nodes, and the list of Python packages. */
const ASSETS = ['.ts', '.mjs', '.txt'];
/** A module is named relative to the one that names it, by an import or for a thread, a process or a bundle. */
const NAMED_MODULE = /(?<=['"]\.{1,2}\/[\w./-]+|new URL\('[\w./-]+)\.ts(?=['"])/g;

rmSync(DIST, { recursive: true, force: true });
for (const name of PRODUCT) {
  cpSync(join(ROOT, name), join(DIST, name), {
    recursive: true,
    filter: (path) => name.endsWith('.json') || ['', ...ASSETS].includes(extname(path)),
  });
}
for (const path of filesIn(DIST).filter((name) => name.endsWith('.ts'))) emit(path);

// The emitted modules' own: a bundle is found by the very files that it was made from.
const { prebuildWorkflows } = (await import(
  pathToFileURL(join(DIST, 'activities', 'workflow-bundle.js')).href
)) as typeof Bundles;
await prebuildWorkflows(sdkLogger(createLogger('emit', 'warn')));

const hash = createHash('sha256');
for (const path of filesIn(DIST)) {
  hash.update(`${path.slice(DIST.length)}\n`).update(readFileSync(path));
}
writeFileSync(join(DIST, 'build-id'), `${hash.digest('hex').slice(0, 12)}\n`);

/** Puts JavaScript in the place of a module. */
function emit(path: string): void {
  const code = stripTypeScriptTypes(readFileSync(path, 'utf8')).replace(NAMED_MODULE, '.js');
  const left = /^(?!\s*(?:\/\/|\/?\*)).*['"`][\w./-]+\.ts['"`].*/m.exec(code);
  if (left) {
    console.error(
      `${path} names a module in a way that the package can’t follow: ${left[0].trim()}`,
    );
    process.exit(1);
  }
  rmSync(path);
  if (!path.endsWith('.d.ts')) writeFileSync(path.replace(/\.ts$/, '.js'), code);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
