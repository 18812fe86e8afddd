import { checkConnection } from '../../activities/sources/check-connection.ts';
import { loadConnections } from '../../activities/sources/connections.ts';
import { Failure } from '../../schemas/failure.ts';
import { ok, problem, warning, type Check, type Finding } from './check.ts';

export const connections: Check = {
  name: 'connections',
  async run({ config, environment, signal }) {
    const { all } = await loadConnections(config.CONNECTIONS_FILE, environment);
    if (all.length === 0) return ok('CONNECTIONS_FILE names no connections.');
    return Promise.all(
      all.map(async (connection): Promise<Finding> => {
        try {
          const { findings } = await checkConnection(connection, {
            dataRoots: config.DATA_ROOTS,
            timeoutSeconds: config.QUERY_TIMEOUT_SECONDS,
            signal,
          });
          if (findings.length === 0) return ok(`${connection.name} can only read.`);
          return warning(
            `${connection.name} could do more than read: it ${findings.map(({ says }) => says).join('; it ')}.`,
            `“durable-experiments connections-check ${connection.name}” prints the SQL that narrows it.`,
          );
        } catch (error) {
          // What a driver says may hold a password.
          if (!(error instanceof Failure)) throw error;
          return problem(`${connection.name}: ${error.message}`, error.hint);
        }
      }),
    );
  },
};
