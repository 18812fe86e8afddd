// Runs before every npm script and in the launcher, under whatever Node the machine has and before node_modules exists.
// Everything is written to stderr: stdout belongs to the protocol of `npm run stdio`.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { withFileLock } from './file-lock.mjs';

const OLDEST_NODE = [20, 19];
const PROGRESS_MS = 10_000;

/** A setup problem in one sentence and its remedy. */
export class InstallError extends Error {}

/**
 * Makes `root`/node_modules match `root`/package-lock.json: at once when it does, else with `npm ci`.
 * Two calls at the same time install once.
 * @param {string} root the project's folder
 * @param {(line: string) => void} log
 * @param {{ production?: boolean }} options `production` leaves out what only development needs
 * @throws InstallError whose message holds the remedy
 */
export async function installPackages(root, log, { production = false } = {}) {
  checkNode(process.versions.node);
  if (isInstalled(root, production)) return;
  await withFileLock(
    join(root, '.install.lock'),
    { onWait: (pid) => log(`Waiting for process ${pid}, which is installing packages.`) },
    async (shareLock) => {
      if (isInstalled(root, production)) return;
      await npmCi(root, log, { shareLock, production });
      checkPinnedNode(root);
      writeStamp(root);
    },
  );
}

/** @throws InstallError when this Node is too old even to install a newer one */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_NODE;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return;
  throw new InstallError(
    `This is Node ${version}, but ${OLDEST_NODE.join('.')} or newer is needed. Install a newer Node and run the same command again.`,
  );
}

/** What an installation depends on: the lock file's content, not its date, and the platform. */
function lockHash(root) {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`${process.platform} ${process.arch}`)
    .digest('hex');
}

const stampPath = (root) => join(root, 'node_modules', '.install-stamp');
const writeStamp = (root) => writeFileSync(stampPath(root), `${lockHash(root)}\n`);

function isInstalled(root, production) {
  try {
    if (readFileSync(stampPath(root), 'utf8').trim() === lockHash(root)) return true;
  } catch {
    // No stamp: perhaps somebody ran npm by hand.
  }
  if (!matchesHiddenLock(root, production)) return false;
  writeStamp(root);
  return true;
}

/** npm records in node_modules what it installed, and only once it had installed all of it. */
function matchesHiddenLock(root, production) {
  const packagesOf = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages ?? {};
  try {
    const installed = packagesOf('node_modules/.package-lock.json');
    const { '': _project, ...wanted } = packagesOf('package-lock.json');
    const extra = Object.keys(installed).some((path) => !(path in wanted));
    const same = Object.entries(wanted).every(([path, entry]) => {
      const found = installed[path];
      // Optional packages of other platforms are in the lock file only.
      if (found === undefined) {
        return entry.optional === true || entry.devOptional === true || (production && entry.dev);
      }
      return found.version === entry.version && found.integrity === entry.integrity;
    });
    return same && !extra && runsPinnedNode(root);
  } catch {
    return false;
  }
}

async function npmCi(root, log, options) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  log('Installing npm packages (npm ci) …');
  const timer = setInterval(() => log(`… still installing, ${seconds()} s`), PROGRESS_MS);
  try {
    const code = await runNpm(root, options);
    if (code !== 0) {
      throw new InstallError(
        `npm ci failed (exit code ${code}); its reason is above. Mend it (network, registry, disk space) and run the same command again.`,
      );
    }
  } finally {
    clearInterval(timer);
  }
  log(`Packages installed in ${seconds()} s.`);
}

function runNpm(root, { shareLock, production }) {
  // `npm ci` deletes node_modules, so nothing it starts may come from there.
  const path = (process.env.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.startsWith(join(root, 'node_modules')))
    .join(delimiter);
  // onnxruntime-node would download libraries for graphics cards, which nothing here uses.
  const env = { ...settings(), PATH: path, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  // Not a word on packages that want a newer Node than this one: the product runs under the one that comes with them.
  env.npm_config_loglevel ??= 'error';
  const npm = process.env.npm_execpath;
  const inProject = process.execPath.startsWith(join(root, 'node_modules'));
  const [command, ...before] =
    npm !== undefined && npm.endsWith('.js') && existsSync(npm)
      ? [inProject ? 'node' : process.execPath, npm]
      : ['npm'];
  const args = [...before, 'ci', ...(production ? ['--omit=dev'] : [])];
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, env, stdio: ['ignore', 2, 2] });
    if (child.pid !== undefined) shareLock(child.pid);
    // Who ends the installation need not look for npm; what it left half done is installed anew the next time.
    const end = (signal) => {
      child.kill(signal);
      process.exit(signal === 'SIGINT' ? 130 : 143);
    };
    const signals = ['SIGINT', 'SIGTERM'];
    for (const signal of signals) process.on(signal, end);
    child.once('error', () =>
      reject(new InstallError('npm was not found. Install Node with npm and run this again.')),
    );
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, end);
      resolve(code ?? signal);
    });
  });
}

/** The environment without what npx was asked to do, which npm would read as settings. */
function settings() {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) =>
        !/^npm_config_(allow_scripts|call|dry_run|global|include|location|omit|only|package|(local_|global_)?prefix|workspaces?)$/i.test(
          name,
        ),
    ),
  );
}

function runsPinnedNode(root) {
  const { version } = JSON.parse(
    readFileSync(join(root, 'node_modules', 'node', 'package.json'), 'utf8'),
  );
  const ran = spawnSync(join(root, 'node_modules', '.bin', 'node'), ['--version'], {
    encoding: 'utf8',
  });
  return ran.stdout?.trim() === `v${version}`;
}

function checkPinnedNode(root) {
  if (runsPinnedNode(root)) return;
  throw new InstallError(
    'npm installed its packages without the pinned Node: allow install scripts (npm config set ignore-scripts false) and run this again.',
  );
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)));
  try {
    await installPackages(root, (line) => process.stderr.write(`${line}\n`));
  } catch (error) {
    process.stderr.write(`${error instanceof InstallError ? error.message : error.stack}\n`);
    process.exitCode = 1;
  }
}
