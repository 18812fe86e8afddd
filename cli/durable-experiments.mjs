#!/usr/bin/env node
// durable-experiments [command] …: sees that what the product needs is installed, under whatever Node there is, and runs it
// under Node 24. Says what it does on stderr: stdout belongs to the command.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import { InstallError, checkNode, installPackages } from '../local/install.mjs';
import { copyPackage, homeOfPackage } from '../local/package-home.mjs';
import { LAUNCHED, endWithParent } from './end-with-parent.mjs';

const NEEDED = 24;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = (line) => process.stderr.write(`${line}\n`);

try {
  checkNode(process.versions.node);
  const main = await (existsSync(join(root, 'cli', 'main.ts')) ? mainOfClone() : mainOfPackage());
  if (main !== undefined) await run(main);
} catch (error) {
  say(error instanceof InstallError ? error.message : error.stack);
  process.exitCode = 1;
}

async function mainOfClone() {
  await installPackages(root, say);
  return join(root, 'cli', 'main.ts');
}

/** A package brings JavaScript, and no packages. */
async function mainOfPackage() {
  const { answer } = await import('./main.js');
  process.exitCode = answer(process.argv.slice(2));
  if (process.exitCode !== undefined) return undefined;
  const home = homeOfPackage(root, process.env);
  copyPackage(root, home);
  await installPackages(home, say, { production: true });
  return join(home, 'cli', 'main.js');
}

async function run(main) {
  if (Number.parseInt(process.versions.node, 10) >= NEEDED) {
    const module = await import(pathToFileURL(main).href);
    return module.main();
  }
  const node = join(dirname(dirname(main)), 'node_modules', '.bin', 'node');
  const child = spawn(node, [main, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, [LAUNCHED]: '1' },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => child.kill(signal));
  }
  endWithParent(process.env);
  child.on('error', (error) => {
    say(
      `${node} can’t be started (${error.code}). Remove ${dirname(dirname(node))} and try again.`,
    );
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    // As a shell tells of it: 128 and the signal's number.
    process.exitCode = code ?? { SIGHUP: 129, SIGINT: 130, SIGKILL: 137 }[signal] ?? 143;
  });
}
