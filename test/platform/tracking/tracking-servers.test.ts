import { describe, expect, it } from 'vitest';

import { createMlflowClient } from '../../../platform/tracking/mlflow-client.ts';
import { createTrackingServers } from '../../../platform/tracking/tracking-servers.ts';
import type {
  TrackingServer,
  TrackingServersOptions,
} from '../../../platform/tracking/tracking-servers.ts';

function servers(options: Partial<TrackingServersOptions> = {}) {
  const made: TrackingServer[] = [];
  const tracking = createTrackingServers({
    defaultUrl: 'http://127.0.0.1:5000',
    allowed: ['https://ml.example/team'],
    makeClient: (server) => {
      made.push(server);
      return createMlflowClient(server);
    },
    ...options,
  });
  return { tracking, made };
}

const notAllowed = expect.objectContaining({
  code: 'TRACKING_URI_NOT_ALLOWED',
  hint: expect.stringContaining('MLFLOW_TRACKING_URIS') as string,
}) as Error;

describe('clientFor', () => {
  it.each([
    undefined,
    'http://127.0.0.1:5000',
    'http://127.0.0.1:5000/',
    'http://localhost:5000//',
    'http://LOCALHOST:5000',
    'http://[::1]:5000',
    'HTTP://2130706433:5000/',
  ])('is the default server’s one client for %s', (uri) => {
    const { tracking, made } = servers();
    expect(tracking.clientFor(uri)).toBe(tracking.clientFor(undefined));
    expect(tracking.normalise(uri)).toBe('http://localhost:5000');
    expect(made).toHaveLength(1);
    expect(made[0]!.url).toBe('http://127.0.0.1:5000');
  });

  it.each([
    'http://127.0.0.1:5001',
    'https://127.0.0.1:5000',
    'http://127.0.0.2:5000',
    'http://0.0.0.0:5000',
    'http://localhost.evil.example:5000',
    'http://127.0.0.1:5000@evil.example',
    'http://evil.example/#http://127.0.0.1:5000',
    'http://eva:secret@127.0.0.1:5000',
    'http://%zz@127.0.0.1:5000',
    'http://127.0.0.1:5000/?x=1',
    'http://127.0.0.1:5000/other',
    'https://ml.example',
    'https://ml.example/team/../admin',
    'http://169.254.169.254',
    'file:///etc',
    'sqlite:///x.db',
    'databricks',
    '',
  ])('refuses %s', (uri) => {
    const { tracking, made } = servers();
    expect(() => tracking.clientFor(uri)).toThrow(notAllowed);
    expect(() => tracking.normalise(uri)).toThrow(notAllowed);
    expect(made).toHaveLength(0);
  });

  it('does not repeat what was asked for', () => {
    expect(() => servers().tracking.normalise('http://eva:secret@evil.example')).toThrow(
      expect.not.objectContaining({ message: expect.stringMatching(/secret|evil/) as string }),
    );
  });
});

describe('credentials', () => {
  const credentials = { token: 'secret' };

  it('go to the default server’s origin only', () => {
    const allowed = ['https://ml.example/team', 'http://localhost:5000/second'];
    const tls = { insecure: true };
    const { tracking, made } = servers({ allowed, credentials, workspace: 'w', tls });
    tracking.clientFor(undefined);
    tracking.clientFor('https://ml.example/team/');
    tracking.clientFor('http://[::1]:5000/second');
    expect(made).toEqual([
      { url: 'http://127.0.0.1:5000', credentials, workspace: 'w', tls },
      { url: 'https://ml.example/team', credentials: undefined },
      { url: 'http://localhost:5000/second', credentials, workspace: 'w', tls },
    ]);
  });

  it('in an address stay with that server and are never shown', () => {
    const { tracking, made } = servers({
      defaultUrl: 'https://eva:secret@home.example',
      allowed: ['https://tom:other@ml.example'],
    });
    expect(tracking.normalise(undefined)).toBe('https://home.example');
    expect(tracking.clientFor('https://ml.example').url).toBe('https://ml.example');
    tracking.clientFor(undefined);
    expect(made.map((server) => server.credentials)).toEqual([
      { username: 'tom', password: 'other' },
      { username: 'eva', password: 'secret' },
    ]);
  });
});
