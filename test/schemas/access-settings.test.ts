import { describe, expect, it } from 'vitest';

import { readConfig } from '../../schemas/config.ts';

const JWT = {
  JWT_ISSUER: 'https://login.example',
  JWT_AUDIENCE: 'https://experiments.example/mcp',
  JWT_JWKS_URL: 'https://login.example/jwks.json',
};

describe('the settings of who may call', () => {
  it('take no token by themselves', () => {
    expect(readConfig({})).toMatchObject({
      ...{ jwt: null, apiKeysFile: '.state/keys/api-keys.json' },
      publicUrl: 'http://127.0.0.1:8000',
    });
  });

  it('take tokens with issuer, audience and keys, signed by what only the issuer has', () => {
    expect(readConfig(JWT).jwt).toMatchObject({
      ...{ issuer: 'https://login.example', tenantClaim: 'tenant' },
      algorithms: ['RS256', 'ES256', 'EdDSA'],
    });
  });

  it.each([
    [{ JWT_ISSUER: JWT.JWT_ISSUER }, /JWT_AUDIENCE is missing.*JWT_JWKS_URL is missing/],
    [{ ...JWT, JWT_AUDIENCE: '' }, /JWT_AUDIENCE is missing/],
    [{ ...JWT, JWT_ALGORITHMS: 'RS256,HS256' }, /JWT_ALGORITHMS.* may be RS256/],
    [{ ...JWT, JWT_ALGORITHMS: 'none' }, /JWT_ALGORITHMS.* may be RS256/],
    [{ ...JWT, JWT_ALGORITHMS: ',' }, /JWT_ALGORITHMS names none/],
    [{ ...JWT, JWT_JWKS_URL: 'http://login.example/jwks.json' }, /JWT_JWKS_URL must be an https/],
    [{ ...JWT, JWT_JWKS_URL: 'http://127.0.0.1.example/jwks' }, /JWT_JWKS_URL must be an https/],
    [{ ...JWT, JWT_ISSUER: 'http://login.example' }, /JWT_ISSUER must be an https/],
    [{ ...JWT, JWT_TENANT: 'Acme Inc' }, /JWT_TENANT has up to 40 small letters/],
    [{ ...JWT, HOST: '0.0.0.0' }, /PUBLIC_URL is missing/],
  ])('refuse %j', (environment, sentence) => {
    expect(() => readConfig(environment)).toThrow(sentence);
  });

  it('know the address of a server on IPv6', () => {
    expect(readConfig({ HOST: '::1', PORT: '81' }).publicUrl).toBe('http://[::1]:81');
    const PUBLIC_URL = 'https://experiments.example/';
    expect(readConfig({ ...JWT, HOST: '::', PUBLIC_URL }).publicUrl).toBe(
      'https://experiments.example',
    );
  });

  it('say nothing of a key that is set', () => {
    const wrong = { EXPERIMENTS_API_KEY: 'dex_canary', PORT: 'x' };
    expect(() => readConfig(wrong)).toThrow(/^(?!.*canary)/s);
  });
});
