import { describe, expect, it } from 'vitest';

import { readConfig } from '../../schemas/config.ts';

describe('the settings of worker versions', () => {
  it('tell no versions apart unless a deployment is named', () => {
    expect(readConfig({})).toMatchObject({ WORKER_VERSIONING: 'auto-upgrade' });
    expect(readConfig({}).WORKER_DEPLOYMENT).toBeUndefined();
  });

  it('refuse a version of no deployment', () => {
    expect(() => readConfig({ WORKER_BUILD_ID: 'v2' })).toThrow(/WORKER_DEPLOYMENT is missing/);
  });

  it.each([
    [{ WORKER_DEPLOYMENT: 'with.dot' }, /letters, digits, dashes/],
    [{ WORKER_DEPLOYMENT: 'it', WORKER_BUILD_ID: "v1' OR ''='" }, /letters, digits, dots/],
    [{ WORKER_VERSIONING: 'maybe' }, /WORKER_VERSIONING/],
  ])('refuse %o, of which Temporal makes queries', (settings, words) => {
    expect(() => readConfig(settings)).toThrow(words);
  });

  it('take the versions that builds have', () => {
    const settings = { WORKER_DEPLOYMENT: 'team_a-1', WORKER_BUILD_ID: '0.1.0+839b256-dirty' };
    expect(readConfig(settings)).toMatchObject(settings);
  });
});
