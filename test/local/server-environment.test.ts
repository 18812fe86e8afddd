import { describe, expect, it } from 'vitest';

import { mlflowEnvironment, temporalEnvironment } from '../../local/server-environment.ts';
import { SETTING_NAMES } from '../../schemas/config.ts';

const NEEDED = {
  PATH: '/bin',
  HOME: '/home/ada',
  TMPDIR: '/tmp',
  LANG: 'C.UTF-8',
  LC_ALL: 'C.UTF-8',
  SSL_CERT_FILE: '/certs.pem',
  https_proxy: 'http://proxy:3128',
  NO_PROXY: 'localhost',
};
const SECRETS = {
  EXPERIMENTS_API_KEY: 'secret',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'secret',
  GITHUB_TOKEN: 'secret',
  SHOP_PASSWORD: 'secret',
  PGPASSWORD: 'secret',
  DATABASE_URL: 'postgresql://ada:secret@shop/db',
  OPENAI_API_KEY: 'secret',
};
/** Every setting of ours: none of them is for the embedded servers, which get theirs as arguments. */
const SETTINGS = Object.fromEntries(SETTING_NAMES.map((name) => [name, 'secret']));

describe('the embedded servers’ environment', () => {
  it('holds what any program needs, and no secret of ours', () => {
    const ours = { ...NEEDED, ...SECRETS, ...SETTINGS };
    expect(temporalEnvironment(ours)).toEqual(NEEDED);
    expect(mlflowEnvironment(ours)).toEqual(NEEDED);
  });

  it('leaves MLflow what is meant for it, but not other packages of Python', () => {
    const meant = {
      MLFLOW_SERVER_ENABLE_GRAPHQL: 'false',
      MLFLOW_SQLALCHEMYSTORE_POOL_SIZE: '5',
      PYTHONUTF8: '1',
      PYENV_VERSION: '3.12',
    };
    const client = { MLFLOW_TRACKING_PASSWORD: 'secret', MLFLOW_TRACKING_TOKEN: 'secret' };
    expect(mlflowEnvironment({ ...meant, ...client, PYTHONPATH: '/elsewhere' })).toEqual(meant);
    expect(temporalEnvironment(meant)).toEqual({});
  });
});
