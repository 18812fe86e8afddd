import type { Client, Connection } from '@temporalio/client';

import type { Config } from '../../schemas/config.ts';

/** `unknown`: it can't be told while something else is broken, which has a line of its own. */
export type Level = 'ok' | 'warning' | 'problem' | 'unknown';

/** One line of the answer. */
export interface Finding {
  readonly level: Level;
  /** A sentence, in which no secret stands. */
  readonly says: string;
  /** What to do. */
  readonly remedy?: string | undefined;
}

/** Temporal, as checks ask it. */
export interface TemporalDoor {
  readonly connection: Connection;
  readonly client: Client;
  readonly namespace: string;
}

export interface CheckContext {
  readonly config: Config;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Null while it does not answer. */
  readonly temporal: TemporalDoor | null;
  readonly signal: AbortSignal;
}

/** What is looked at, and how. */
export interface Check {
  readonly name: string;
  run(context: CheckContext): Promise<Finding | readonly Finding[]>;
}

export const ok = (says: string): Finding => ({ level: 'ok', says });
export const warning = (says: string, remedy: string): Finding => ({
  ...{ level: 'warning', says, remedy },
});
export const problem = (says: string, remedy: string): Finding => ({
  ...{ level: 'problem', says, remedy },
});
export const unknown = (says: string): Finding => ({ level: 'unknown', says });

/** For what only Temporal knows. */
export function askTemporal(
  ask: (temporal: TemporalDoor, context: CheckContext) => Promise<Finding | readonly Finding[]>,
): Check['run'] {
  return async (context) =>
    context.temporal
      ? ask(context.temporal, context)
      : unknown('Not known while Temporal does not answer.');
}
