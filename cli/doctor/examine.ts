import { Client, Connection } from '@temporalio/client';

import { temporalConnectionOptions } from '../../platform/temporal-connection.ts';
import { ConfigError, readConfig, type Config } from '../../schemas/config.ts';
import { problem, type CheckContext, type TemporalDoor } from './check.ts';
import { CHECKS } from './checks.ts';
import { misspelt } from './misspelt-settings.ts';
import { runChecks, type Answer } from './run-checks.ts';

/** Carries out every check that the settings of an environment allow; takes some ten seconds at most. */
export async function examine(environment: CheckContext['environment']): Promise<Answer[]> {
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const remedy = 'Correct it: nothing starts, and nothing else can be looked at, until then.';
    const findings = [problem(error.message, remedy), ...misspelt(environment)];
    return findings.map((finding) => ({ check: 'settings', ...finding }));
  }
  const temporal = await openTemporal(config);
  try {
    return await runChecks(CHECKS, { config, environment, temporal });
  } finally {
    await temporal?.connection.close();
  }
}

async function openTemporal(config: Config): Promise<TemporalDoor | null> {
  try {
    const options = temporalConnectionOptions(config);
    const connection = await Connection.connect({ ...options, connectTimeout: '2 seconds' });
    const namespace = config.TEMPORAL_NAMESPACE;
    return { connection, namespace, client: new Client({ connection, namespace }) };
  } catch {
    return null;
  }
}
