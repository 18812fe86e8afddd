import { describe, expect, it } from 'vitest';

import { ConfigError, isLoopback, readConfig } from '../../schemas/config.ts';

describe('readConfig', () => {
  it('needs no setting at all', () => {
    const config = readConfig({});
    expect(config.temporalAddress).toBe('127.0.0.1:7233');
    expect(config.mlflowUrl).toBe('http://127.0.0.1:5000');
    expect([config.embeddedTemporal, config.embeddedMlflow]).toEqual([true, true]);
    expect(config.rawConnectionsAllowed).toBe(true);
    expect(config.blobStore).toBe('.state/blobs');
  });

  it('starts no server of its own for a part whose address is given', () => {
    const config = readConfig({
      TEMPORAL_ADDRESS: 'temporal:7233',
      MLFLOW_TRACKING_URI: 'http://mlflow:5000/',
    });
    expect([config.embeddedTemporal, config.embeddedMlflow]).toEqual([false, false]);
    expect(config.mlflowUrl).toBe('http://mlflow:5000');
  });

  it('takes an empty variable as unset, as docker-compose passes them', () => {
    expect(readConfig({ TEMPORAL_ADDRESS: '', PORT: '' }).PORT).toBe(8000);
  });

  it('allows connection strings only while it listens on loopback, unless told', () => {
    expect(readConfig({ HOST: '0.0.0.0' }).rawConnectionsAllowed).toBe(false);
    expect(
      readConfig({ HOST: '0.0.0.0', ALLOW_RAW_CONNECTIONS: 'true' }).rawConnectionsAllowed,
    ).toBe(true);
    expect(readConfig({ ALLOW_RAW_CONNECTIONS: 'false' }).rawConnectionsAllowed).toBe(false);
  });

  it('shows no wrong value that may be a secret', () => {
    for (const wrong of [{ CODEC_TOKEN: 'hunter2' }, { TEMPORAL_UI_URL: 'ftp://u:hunter2@ui' }]) {
      expect(() => readConfig(wrong)).toThrow(ConfigError);
      expect(() => readConfig(wrong)).not.toThrow(/hunter2/);
    }
  });

  it('names every wrong setting in one line', () => {
    const wrong = (): unknown => readConfig({ PORT: 'http', MLFLOW_TRACKING_URI: 'mlflow:5000' });
    expect(wrong).toThrow(ConfigError);
    expect(wrong).toThrow(/PORT .*“http”.*MLFLOW_TRACKING_URI must be/);
  });
});

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '[::1]'])('knows %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });
  it.each(['0.0.0.0', '10.0.0.1', 'example.org', '::'])('does not take %s for it', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
