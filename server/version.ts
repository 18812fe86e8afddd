import packageJson from '../package.json' with { type: 'json' };

/** This package's version, as servers and documents name it. */
export const VERSION = packageJson.version;
