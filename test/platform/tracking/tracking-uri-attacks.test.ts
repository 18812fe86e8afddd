import { describe, expect, it } from 'vitest';

import { createTrackingServers } from '../../../platform/tracking/tracking-servers.ts';
import type { MlflowClient } from '../../../platform/tracking/tracking-types.ts';

const SETTINGS = [
  'http://mlflow.internal:5000',
  'https://ml.example/team',
  'http://127.0.0.1:5001',
];

function servers() {
  const called: string[] = [];
  const tracking = createTrackingServers({
    defaultUrl: SETTINGS[0]!,
    allowed: SETTINGS.slice(1),
    credentials: { token: 'secret' },
    makeClient: ({ url }) => {
      called.push(url);
      return {} as MlflowClient;
    },
  });
  return { tracking, called };
}

describe('a tracking_uri that means another server', () => {
  it.each([
    // Who is before the @, and what is after it
    'http://mlflow.internal:5000@evil.example',
    'http://mlflow.internal:5000@evil.example:5000',
    'http://user:password@mlflow.internal:5000',
    'http://evil.example@mlflow.internal:5000',
    'http://mlflow.internal:5000%40evil.example',
    'http://mlflow.internal:5000\\@evil.example',
    'http://evil.example\\@mlflow.internal:5000',
    'http:///evil.example#@mlflow.internal:5000',
    // Ports
    'http://mlflow.internal',
    'http://mlflow.internal:80',
    'http://mlflow.internal:50000',
    'http://mlflow.internal:5000:5000',
    'http://mlflow.internal:',
    'https://ml.example:80/team',
    'http://ml.example:443/team',
    // Names
    'http://mlflow.internal.:5000',
    'http://mlflow.internal.evil.example:5000',
    'http://evil-mlflow.internal:5000',
    'http://mlflow.internal%00.evil.example:5000',
    'http://mlflow.internal%2eevil.example:5000',
    'http://mlflow.internal。evil.example:5000',
    'http://mlflοw.internal:5000',
    'http://*:5000',
    // Addresses of this machine and its neighbours
    'http://127.0.0.1:5002',
    'http://127.0.0.2:5001',
    'http://0.0.0.0:5001',
    'http://[::ffff:127.0.0.1]:5001',
    'http://[::]:5001',
    'http://[::1%25lo]:5001',
    'http://[fe80::1]:5001',
    'http://localhost.:5001',
    'http://169.254.169.254/latest/meta-data',
    'http://[fd00:ec2::254]/latest/meta-data',
    'http://metadata.google.internal',
    // Paths
    'https://ml.example/team/../admin',
    'https://ml.example/team/%2e%2e/admin',
    'https://ml.example/team/..',
    'https://ml.example/teams',
    'https://ml.example/',
    'https://ml.example/team?x=http://evil.example',
    'https://ml.example/team#@evil.example',
    'https://ml.example/team;evil',
    'https://ml.example//evil.example',
    // Other schemes
    'file:///etc/passwd',
    'ftp://mlflow.internal:5000',
    'gopher://mlflow.internal:5000/_GET',
    'databricks',
    'javascript:fetch("http://evil.example")',
    '//evil.example',
    'sqlite:///etc/x.db',
    'https://mlflow.internal:5000',
    '',
    ' ',
  ])('%j is refused, and nobody is called', (uri) => {
    const { tracking, called } = servers();
    const refused = expect.objectContaining({ code: 'TRACKING_URI_NOT_ALLOWED' }) as Error;
    expect(() => tracking.normalise(uri)).toThrow(refused);
    expect(() => tracking.clientFor(uri)).toThrow(refused);
    expect(called).toEqual([]);
  });

  it.each([
    ['http://MLFLOW.internal:5000/', SETTINGS[0]],
    [' http://mlflow.internal:5000\n', SETTINGS[0]],
    ['http:\\\\mlflow.internal:5000', SETTINGS[0]],
    ['https://ml.example:443/team//', SETTINGS[1]],
    ['https://ml.example/x/../team', SETTINGS[1]],
    ['http://localhost:5001', SETTINGS[2]],
    ['http://[::1]:5001', SETTINGS[2]],
    ['http://0x7f.1:5001', SETTINGS[2]],
    ['http://2130706433:5001', SETTINGS[2]],
  ])('%j is another spelling: what is called is the address in the settings', (uri, url) => {
    const { tracking, called } = servers();
    tracking.clientFor(uri);
    expect(called).toEqual([url]);
  });
});
