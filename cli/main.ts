// durable-experiments <command> …: one door to everything that this project can be told to do.
import { exitWith } from './exit.ts';

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
  audit: { about: 'verify, export and keep the audit log', load: () => import('./audit.ts') },
};

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command) {
  process.argv.splice(2, 1);
  const { run } = await command.load();
  if (run) process.exitCode = await run(args).catch(exitWith);
} else {
  const lines = Object.entries(COMMANDS).map(([key, { about }]) => `  ${key.padEnd(18)} ${about}`);
  console.error(`Usage: durable-experiments <command> …\n\n${lines.join('\n')}`);
  process.exitCode = 2;
}
