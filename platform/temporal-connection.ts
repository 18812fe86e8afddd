import type { Config } from '../schemas/config.ts';

/** The options by which client and worker reach Temporal; both SDK packages take this shape. */
export function temporalConnectionOptions(config: Config) {
  const tls = config.TEMPORAL_TLS ?? config.TEMPORAL_API_KEY !== undefined;
  return {
    address: config.temporalAddress,
    // Said in any case: with a key and nothing said the SDK would turn it on.
    tls,
    ...(config.TEMPORAL_API_KEY === undefined ? {} : { apiKey: config.TEMPORAL_API_KEY }),
  };
}
