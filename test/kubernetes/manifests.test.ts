import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { DEPLOYMENTS, FOLDER, kustomization, ofKind } from './manifests.ts';

const { configMapGenerator, images, resources } = kustomization();
const names = DEPLOYMENTS.map(([name]) => name);

type Labels = Readonly<Record<string, string>>;

/** The deployments whose pods have these labels. */
const selectedBy = (wanted: Labels = { none: '' }): readonly string[] =>
  DEPLOYMENTS.filter(([, { metadata }]) =>
    Object.entries(wanted).every(([name, value]) => metadata.labels[name] === value),
  ).map(([name]) => name);

describe('ops/kubernetes', () => {
  it('applies files that exist, with the three kinds of processes', () => {
    for (const file of resources) expect(existsSync(`${FOLDER}${file}`), file).toBe(true);
    expect(names).toEqual(
      ['server', 'training', 'workers'].map((name) => `durable-experiments-${name}`),
    );
  });

  it('selects for each deployment its own pods, and no others', () => {
    for (const { metadata, spec } of ofKind('Deployment')) {
      expect(selectedBy(spec.selector.matchLabels)).toEqual([metadata.name]);
    }
  });

  it('has a budget for each deployment', () => {
    const budgets = ofKind('PodDisruptionBudget').map(({ spec }) => spec.selector.matchLabels);

    expect(budgets.flatMap(selectedBy).sort()).toEqual(names);
  });

  it('leads callers to servers alone, through a port that they have', () => {
    const [service] = ofKind('Service');
    const reached = selectedBy(service?.spec.selector);
    const [, pod] = DEPLOYMENTS.find(([name]) => name === reached[0]) ?? [];

    expect(reached).toEqual(['durable-experiments-server']);
    expect(pod?.spec.containers[0].ports).toContainEqual({
      ...{ name: service?.spec.ports[0]?.targetPort, containerPort: 8000 },
    });
  });

  it.each(['ingress', 'egress'])('says for every pod what its %s may be', (direction) => {
    const policy = ofKind('NetworkPolicy').find(({ metadata }) =>
      metadata.name.endsWith(direction),
    );

    expect(selectedBy(policy?.spec.podSelector.matchLabels)).toEqual(names);
  });

  it.each(DEPLOYMENTS)('%s refers to what there is', (_name, { spec }) => {
    const [{ env, envFrom, image, volumeMounts }] = spec.containers;
    const secrets = new Map(ofKind('Secret').map((one) => [one.metadata.name, one.stringData]));

    for (const { valueFrom } of env) {
      if (!valueFrom) continue;
      const { name, key } = valueFrom.secretKeyRef;
      expect(secrets.get(name)).toHaveProperty(key);
    }
    for (const { secret } of spec.volumes) {
      if (secret) expect([...secrets.keys()]).toContain(secret.secretName);
    }
    expect(volumeMounts.map(({ name }) => name)).toEqual(spec.volumes.map(({ name }) => name));
    expect(envFrom?.[0]?.configMapRef.name).toBe(configMapGenerator[0]?.name);
    expect(images.map(({ name }) => name)).toContain(image);
    expect(ofKind('ServiceAccount')[0]?.metadata.name).toBe(spec.serviceAccountName);
  });

  it('scales what there is', () => {
    const scaled = ofKind('HorizontalPodAutoscaler').map(({ spec }) => spec.scaleTargetRef.name);

    expect(scaled).toEqual(['durable-experiments-training']);
    expect(names).toContain(scaled[0]);
  });
});
