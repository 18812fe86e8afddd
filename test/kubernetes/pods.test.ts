import { describe, expect, it } from 'vitest';
import { readConfig, SETTING_NAMES } from '../../schemas/config.ts';
import { DEPLOYMENTS, environmentOf, manifests, ofKind, settingsFile } from './manifests.ts';

/** Read by Amazon’s SDK itself. */
const OF_THE_SDK = ['AWS_REGION', 'AWS_ENDPOINT_URL', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'];
const WORKERS = DEPLOYMENTS.filter(([name]) => !name.endsWith('-server'));

describe.each(DEPLOYMENTS)('the pods of %s', (_name, pod) => {
  const [container] = pod.spec.containers;
  const config = readConfig(environmentOf(pod));

  it('have settings of ours or of the SDK, all of them right', () => {
    const names = Object.keys({ ...settingsFile({ commented: true }), ...environmentOf(pod) });

    for (const name of names) expect([...SETTING_NAMES, ...OF_THE_SDK]).toContain(name);
    expect(config).toMatchObject({
      ...{ embeddedTemporal: false, embeddedMlflow: false, rawConnectionsAllowed: false },
    });
  });

  it('find the keys where their settings look for them', () => {
    const mounted = container.volumeMounts.find(({ name }) => name === 'keys')?.mountPath ?? '';
    const secret = ofKind('Secret').find(({ metadata }) => metadata.name.endsWith('-keys'));

    for (const file of [
      'sealKeyFile',
      'payloadKeysFile',
      'apiKeysFile',
      'auditKeysFile',
    ] as const) {
      expect(config[file].startsWith(`${mounted}/`), file).toBe(true);
      expect(secret?.stringData).toHaveProperty([config[file].slice(mounted.length + 1)]);
    }
  });

  it('count where Prometheus is told to ask', () => {
    const port = container.ports.find(({ name }) => name === 'metrics')?.containerPort;

    expect(port).toBe(config.METRICS_PORT);
    expect(config.METRICS_HOST).toBe('0.0.0.0');
  });

  it('have no right that they don’t need', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 });
    expect(container.securityContext).toEqual({
      ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
      capabilities: { drop: ['ALL'] },
    });
  });
});

describe('the pods of a server', () => {
  it('are not restarted because a neighbour is away', () => {
    const [, server] = DEPLOYMENTS.find(([name]) => name.endsWith('-server')) ?? [];
    const { startupProbe, readinessProbe, livenessProbe } = server?.spec.containers[0] ?? {};
    const probes = [startupProbe, readinessProbe, livenessProbe].map((probe) => probe?.httpGet);

    expect(probes.map((probe) => probe?.path)).toEqual([
      ...['/health', '/health/live', '/health/live'],
    ]);
    // The pod’s address, which a probe would call, is no name that the server answers to.
    for (const probe of probes) {
      expect(probe?.httpHeaders).toEqual([{ name: 'Host', value: 'localhost' }]);
    }
  });
});

describe('the pods of workers', () => {
  it.each(WORKERS)('of %s have the time to hand back what they do', (_name, pod) => {
    const { STOP_GRACE_SECONDS } = readConfig(environmentOf(pod));

    expect(pod.spec.terminationGracePeriodSeconds).toBeGreaterThanOrEqual(STOP_GRACE_SECONDS + 20);
    expect(pod.spec.containers[0].livenessProbe.exec?.command[1]).toBe('worker-health');
  });

  it('serve every queue once', () => {
    const queues = WORKERS.flatMap(([, pod]) => readConfig(environmentOf(pod)).WORKER_QUEUES);

    expect(queues.sort()).toEqual(['steps', 'training']);
  });
});

describe('the pod that promotes a version', () => {
  it('records and signs in the log as the service does', () => {
    const [job] = manifests('promote-job.yaml');
    const [container] = job!.spec.template.spec.containers;
    const own = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const shared = settingsFile({ commented: false });

    for (const name of ['AUDIT_CHECKPOINTS', 'AUDIT_KEYS_FILE', 'AWS_REGION', 'TEMPORAL_ADDRESS']) {
      expect(own[name], name).toBe(shared[name]);
    }
    const keys = container.volumeMounts.find(({ name }) => name === 'keys');
    expect(own['AUDIT_KEYS_FILE']).toBe(`${keys?.mountPath}/audit.keys`);
  });
});
