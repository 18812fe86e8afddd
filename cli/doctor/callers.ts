import { createLogger } from '../../platform/logging.ts';
import { createAuthentication, demandAuthentication } from '../../server/access/authentication.ts';
import { ok, type Check } from './check.ts';

export const callers: Check = {
  name: 'callers',
  async run({ config }) {
    const authentication = await createAuthentication(config, createLogger('doctor', 'silent'));
    demandAuthentication(config, authentication);
    return ok(
      authentication
        ? 'Callers are asked who they are.'
        : 'Nobody is asked who they are: the server answers this machine only.',
    );
  },
};
