import { ConfigError, readConfig, type Config } from '../schemas/config.ts';

/** The settings of this process; a wrong one ends it with one clear line. */
export function configOrExit(): Config {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}
