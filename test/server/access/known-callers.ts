import { SCOPES, type Caller, type Scope } from '../../../schemas/caller.ts';
import type { Experiments } from '../../../server/experiments/experiments.ts';
import type { Authentication } from '../../../server/access/authentication.ts';
import { unauthenticated } from '../../../server/access/credential-failures.ts';
import { createApp, type AppOptions } from '../../../server/app.ts';
import { createDoors } from '../fake-experiments.ts';

/** Nobody’s, each scope alone, all but each, all. */
export const SCOPE_SETS: readonly (readonly Scope[])[] = [
  [],
  ...SCOPES.map((scope) => [scope]),
  ...SCOPES.map((scope) => SCOPES.filter((other) => other !== scope)),
  SCOPES,
];

export const callerWith = (scopes: readonly Scope[]): Caller => ({
  ...{ tenant: 'acme', subject: 'somebody', scopes },
});

/** A credential says which of the sets its bearer has. */
const played: Authentication = {
  async callerOf(credential) {
    const scopes = SCOPE_SETS[Number(credential.replace('set-', ''))];
    if (!scopes) throw unauthenticated();
    return callerWith(scopes);
  },
};

export const authorization = (scopes: readonly Scope[]) => ({
  authorization: `Bearer set-${SCOPE_SETS.indexOf(scopes)}`,
});

/** Doors that ask who calls, with a note of each operation that a call has reached. */
export function createAskingDoors(
  change: (options: AppOptions) => Partial<AppOptions> = () => ({}),
  authentication: Authentication = played,
) {
  const reached: string[] = [];
  const noted = (name: string) => async () => {
    reached.push(name);
    return name === 'start' ? 'experiment-1' : { runs: [], asked: false };
  };
  const names = ['start', 'inspect', 'get', 'follow', 'list', 'compare', 'retry', 'cancel'];
  const overrides = Object.fromEntries(
    [...names, 'reportFile', 'audit'].map((name) => [name, noted(name)]),
  ) as unknown as Partial<Experiments>;
  const doors = createDoors(overrides);
  const options = { ...doors.options, authentication };
  const app = createApp({ ...options, ...change(options) });
  return { app, options, reached };
}
