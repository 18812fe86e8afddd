// durable-experiments <command> …: one door to everything that this project can be told to do.
// Imports nothing when loaded: a package answers --help before what it needs is installed.
import { readFileSync } from 'node:fs';

import { endWithParent } from './end-with-parent.mjs';

interface Command {
  readonly about: string;
  /** Modules that read process.argv themselves do their work when imported; the others export `run`. */
  readonly load: () => Promise<{ run?: (args: readonly string[]) => Promise<number> }>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  start: { about: 'everything on this machine', load: () => import('./start.ts') },
  server: { about: 'the HTTP server alone', load: () => import('./server.ts') },
  worker: { about: 'one worker', load: () => import('./worker.ts') },
  stdio: { about: 'MCP over stdin and stdout', load: () => import('./stdio.ts') },
  keys: { about: 'the keys that callers show', load: () => import('./keys.ts') },
  'payload-keys': {
    about: 'the keys of what Temporal keeps',
    load: () => import('./payload-keys.ts'),
  },
  'connections-check': {
    about: 'whether database connections can only read',
    load: () => import('./connections-check.ts'),
  },
  reproduce: {
    about: 'a run again, and whether it comes to the same',
    load: () => import('./reproduce.ts'),
  },
  settings: {
    about: 'every setting, and what it is for',
    load: () => import('./settings.ts'),
  },
  doctor: { about: 'what is wrong here, and what to do', load: () => import('./doctor.ts') },
  versions: {
    about: 'the versions of the workers, and which goes on with what',
    load: () => import('./versions.ts'),
  },
  drain: { about: 'workers that take no more work, and end', load: () => import('./drain.ts') },
  'worker-health': {
    about: 'whether Temporal sees a worker on this host',
    load: () => import('./worker-health.ts'),
  },
  gc: { about: 'blobs that no run needs any more', load: () => import('./gc.ts') },
  audit: { about: 'verify, export and keep the audit log', load: () => import('./audit.ts') },
};

/** Does what needs no more than this file: help, version, a command that is none. @returns the exit code, if it was that */
export function answer([name = 'start']: readonly string[]): number | undefined {
  if (Object.hasOwn(COMMANDS, name)) return undefined;
  if (name === '--version' || name === '-v') {
    const { version } = JSON.parse(
      readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    console.log(version);
    return 0;
  }
  const lines = Object.entries(COMMANDS).map(([key, { about }]) => `  ${key.padEnd(18)} ${about}`);
  const usage = `Usage: durable-experiments [command] …\n\n${lines.join('\n')}\n\nWithout a command: start.`;
  if (name === '--help' || name === '-h' || name === 'help') {
    console.log(usage);
    return 0;
  }
  console.error(`There is no command “${name}”.\n\n${usage}`);
  return 2;
}

/** Runs a command, of which process.argv has the arguments. */
export async function main(): Promise<void> {
  const [name = 'start', ...args] = process.argv.slice(2);
  const answered = answer([name]);
  if (answered !== undefined) {
    process.exitCode = answered;
    return;
  }
  endWithParent(process.env);
  process.argv.splice(2, 1);
  const { run } = await COMMANDS[name]!.load();
  if (!run) return;
  const { exitWith } = await import('./exit.ts');
  process.exitCode = await run(args).catch(exitWith);
}

if (import.meta.main) await main();
