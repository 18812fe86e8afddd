// durable-experiments audit <subcommand> …
import { exitWith } from './exit.ts';

interface Subcommand {
  readonly about: string;
  readonly load: () => Promise<{ run: (args: readonly string[]) => Promise<number> }>;
}

const SUBCOMMANDS: Readonly<Record<string, Subcommand>> = {
  verify: {
    about: 'whether anybody has touched a log, an export or a receipt',
    load: () => import('./audit/verify.ts'),
  },
  export: { about: 'a run, or a time, for an auditor', load: () => import('./audit/export.ts') },
  lineage: {
    about: 'from a model back to its data and request, from data forward to every model',
    load: () => import('./audit/lineage.ts'),
  },
  erase: { about: 'the data of a run, everywhere', load: () => import('./audit/erase.ts') },
  prune: { about: 'events that are older than is kept', load: () => import('./audit/prune.ts') },
  retention: {
    about: 'how long events, runs and histories are kept',
    load: () => import('./audit/retention.ts'),
  },
  keys: {
    about: 'the public keys that checkpoints are signed with; rotate',
    load: () => import('./audit/keys.ts'),
  },
  schema: { about: 'the JSON Schema of all events', load: () => import('./audit/schema.ts') },
};

/** Runs one subcommand. @returns the exit code */
export async function run([name = '', ...args]: readonly string[]): Promise<number> {
  const subcommand = Object.hasOwn(SUBCOMMANDS, name) ? SUBCOMMANDS[name] : undefined;
  if (subcommand) {
    const module = await subcommand.load();
    return module.run(args).catch(exitWith);
  }
  const lines = Object.entries(SUBCOMMANDS).map(
    ([key, { about }]) => `  ${key.padEnd(10)} ${about}`,
  );
  console.error(`Usage: durable-experiments audit <subcommand> …\n\n${lines.join('\n')}`);
  return 2;
}
