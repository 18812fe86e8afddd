import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadConnections } from '../../activities/sources/connections.ts';
import { readConfig, SETTING_NAMES } from '../../schemas/config.ts';
import { hostPath, readComposeFile, ROOT, type ComposeService } from './compose-file.ts';

const { services, configs } = readComposeFile();
const part = (name: string): ComposeService => services[name] ?? {};
const settingsOf = (name: string) => part(name).environment ?? {};
const config = readConfig(settingsOf('server'));
const seconds = (name: string) => Number.parseInt(part(name).stop_grace_period ?? '');

/** Read by Amazon’s SDK itself. */
const OF_THE_SDK = [
  ...['AWS_ENDPOINT_URL', 'AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
];

interface Identity {
  readonly credentials: readonly { readonly accessKey: string; readonly secretKey: string }[];
  readonly actions: readonly string[];
}

describe('the settings in docker-compose.yml', () => {
  it('are all ones that we read, with right values', () => {
    for (const setting of Object.keys(settingsOf('server'))) {
      expect([...SETTING_NAMES, ...OF_THE_SDK], `${setting} is not a setting`).toContain(setting);
    }
    expect(config).toMatchObject({
      embeddedTemporal: false,
      embeddedMlflow: false,
      // Raw connection strings are for a server that only this machine reaches.
      rawConnectionsAllowed: false,
      ENCRYPT_PAYLOADS: true,
    });
  });

  it('are the same for server, worker and the job that makes the first key', () => {
    for (const name of ['worker', 'api-key']) {
      expect(settingsOf(name)).toEqual(settingsOf('server'));
      expect(part(name).volumes).toEqual(part('server').volumes);
      expect(part(name).image).toBe(part('server').image);
    }
    expect(part('server').depends_on).toHaveProperty('api-key');
  });

  it('have all that processes share in places that they share', () => {
    const shared = (part('worker').volumes ?? []).map((mount) => mount.split(':')[1]);

    expect(config.blobStore).toMatch(/^s3:/);
    expect(config.auditCheckpoints).toMatch(/^s3:/);
    expect(config.AUDIT_DATABASE_URL).toContain('@postgres:5432/');
    for (const file of [
      'sealKeyFile',
      'payloadKeysFile',
      'apiKeysFile',
      'auditKeysFile',
    ] as const) {
      expect(config[file].startsWith('/state/keys/')).toBe(true);
    }
    expect(shared).toContain('/state/keys');
  });

  it('name services under the ports that these listen on', () => {
    const { MLFLOW_PORT } = settingsOf('mlflow');
    const hosts = settingsOf('mlflow')['MLFLOW_SERVER_ALLOWED_HOSTS']?.split(',') ?? [];

    expect(config.temporalAddress).toBe('temporal:7233');
    expect(config.mlflowUrl).toBe(`http://mlflow:${MLFLOW_PORT}`);
    // MLflow answers only to names that it knows.
    expect(hosts).toContain(new URL(config.mlflowUrl).host);
    expect(hosts).toContain(new URL(config.mlflowPublicUrl).host);
  });

  it('let the Temporal UI have payloads decrypted, by a browser on this machine', () => {
    const { TEMPORAL_CODEC_ENDPOINT } = settingsOf('temporal-ui');
    const [published = ''] = part('server').ports ?? [];

    expect(TEMPORAL_CODEC_ENDPOINT).toBe(
      `http://localhost:${published.split(':')[1]}/codec/${config.CODEC_TOKEN ?? 'unset'}`,
    );
  });

  it('give the store’s users what they need, and no more', () => {
    const content = configs['s3-keys']?.content ?? '';
    const { identities } = JSON.parse(content) as { readonly identities: readonly Identity[] };
    const actionsOf = (service: string) => {
      const { AWS_ACCESS_KEY_ID: accessKey, AWS_SECRET_ACCESS_KEY: secretKey } =
        settingsOf(service);
      return identities.find(
        ({ credentials: [pair] }) => pair?.accessKey === accessKey && pair?.secretKey === secretKey,
      )?.actions;
    };
    const on = (...buckets: string[]) =>
      buckets.flatMap((bucket) => ['Read', 'List', 'Write'].map((action) => `${action}:${bucket}`));
    const buckets = part('buckets').command?.slice(2) ?? [];

    expect(actionsOf('buckets')).toEqual(['Admin']);
    expect(actionsOf('server')).toEqual(on('experiments', 'audit'));
    expect(actionsOf('mlflow')).toEqual(on('mlflow'));
    for (const place of [config.blobStore, config.auditCheckpoints]) {
      expect(buckets).toContain(new URL(place).host);
    }
    expect(buckets).toContain(
      new URL(settingsOf('mlflow')['MLFLOW_ARTIFACTS_DESTINATION'] ?? '').host,
    );
  });

  it('leave a stopping process the time that it is promised', () => {
    // Handing back writes a last checkpoint; then the audit log is signed.
    expect(seconds('worker')).toBeGreaterThanOrEqual(config.STOP_GRACE_SECONDS + 20);
    expect(seconds('server')).toBeGreaterThanOrEqual(10);
  });

  it('name a connection to the demo’s own database', async () => {
    const connections = await loadConnections(`${ROOT}${config.CONNECTIONS_FILE}`);

    expect(await connections.open('demo')).toMatchObject({
      ...{ kind: 'postgresql', host: 'demo-postgres' },
      ...{ database: 'demo', user: 'demo', password: 'demo' },
    });
    expect(part('demo-postgres').volumes?.[0]).not.toBe(part('postgres').volumes?.[0]);
  });

  it('keep what Temporal keeps as long as the service takes for granted', () => {
    expect(settingsOf('temporal-namespace')['RETENTION']).toBe(
      `${config.TEMPORAL_RETENTION_DAYS}d`,
    );
  });

  it('have Prometheus ask for the port that processes count on', () => {
    const targets = readFileSync(
      hostPath(part('prometheus'), '/etc/prometheus/prometheus.yml'),
      'utf8',
    );

    for (const name of ['server', 'worker']) {
      expect(targets).toContain(`names: ['${name}'], type: A, port: ${config.METRICS_PORT}`);
    }
    expect(config.METRICS_HOST).toBe('0.0.0.0');
  });
});
