import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse, parseAllDocuments } from 'yaml';

export const FOLDER = fileURLToPath(new URL('../../ops/kubernetes/', import.meta.url));

type Labels = Readonly<Record<string, string>>;

interface Probe {
  readonly httpGet?: {
    readonly path: string;
    readonly httpHeaders: readonly { readonly name: string; readonly value: string }[];
  };
  readonly exec?: { readonly command: readonly string[] };
}

interface Reference {
  readonly name: string;
  readonly key: string;
}

export interface Container {
  readonly image: string;
  readonly command: readonly string[];
  readonly envFrom?: readonly { readonly configMapRef: { readonly name: string } }[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly secretKeyRef: Reference };
  }[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: unknown;
  readonly startupProbe: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe: Probe;
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels };
  readonly spec: {
    readonly terminationGracePeriodSeconds: number;
    readonly serviceAccountName: string;
    readonly securityContext: unknown;
    readonly containers: readonly [Container];
    readonly volumes: readonly {
      readonly name: string;
      readonly secret?: { readonly secretName: string };
    }[];
  };
}

/** One object of a manifest; which fields it has depends on its kind. */
export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: Labels };
  readonly spec: {
    readonly selector: { readonly matchLabels: Labels } & Labels;
    readonly podSelector: { readonly matchLabels: Labels };
    readonly template: PodTemplate;
    readonly scaleTargetRef: { readonly kind: string; readonly name: string };
    readonly ports: readonly { readonly targetPort: string }[];
  };
  readonly stringData: Labels;
}

/** Every object in a folder’s file; those of all files but the kustomization unless one is named. */
export function manifests(file?: string): readonly Manifest[] {
  const files = readdirSync(FOLDER).filter(
    (name) => name.endsWith('.yaml') && name !== 'kustomization.yaml',
  );
  return (file === undefined ? files : [file]).flatMap((name) =>
    parseAllDocuments(readFileSync(`${FOLDER}${name}`, 'utf8')).map(
      (document) => document.toJS() as Manifest,
    ),
  );
}

export interface Kustomization {
  readonly resources: readonly string[];
  readonly images: readonly { readonly name: string }[];
  readonly configMapGenerator: readonly {
    readonly name: string;
    readonly envs: readonly string[];
  }[];
}

export function kustomization(): Kustomization {
  return parse(readFileSync(`${FOLDER}kustomization.yaml`, 'utf8')) as Kustomization;
}

/** settings.env, with what is commented out when that is asked for. */
export function settingsFile({ commented }: { readonly commented: boolean }): Labels {
  const lines = readFileSync(`${FOLDER}settings.env`, 'utf8').split('\n');
  const pattern = commented ? /^#?([A-Z_]+)=(.*)$/ : /^([A-Z_]+)=(.*)$/;
  return Object.fromEntries(
    lines.flatMap((line) => {
      const [, name, value] = pattern.exec(line) ?? [];
      return name === undefined || value === undefined ? [] : [[name, value]];
    }),
  );
}

export const ofKind = (kind: string): readonly Manifest[] =>
  manifests().filter((each) => each.kind === kind);

/** Deployments with their names, for tests of each. */
export const DEPLOYMENTS = ofKind('Deployment').map(
  (each) => [each.metadata.name, each.spec.template] as const,
);

/** What a pod’s container sees, secrets being there. */
export function environmentOf({ spec }: PodTemplate): Labels {
  const own = spec.containers[0].env.map(({ name, value }) => [
    name,
    value ?? 'postgresql://secret',
  ]);
  return { ...settingsFile({ commented: false }), ...(Object.fromEntries(own) as Labels) };
}
