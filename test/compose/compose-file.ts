import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));
export const COMPOSE_FILE = `${ROOT}docker-compose.yml`;

/** The parts of a service that the tests look at; environment and depends_on are mappings in our file. */
export interface ComposeService {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly configs?: readonly { readonly source: string; readonly target: string }[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly profiles?: readonly string[];
  readonly deploy?: { readonly replicas: number };
  readonly stop_grace_period?: string;
  readonly read_only?: boolean;
  readonly user?: string;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
}

/** docker-compose.yml with anchors and merges resolved, and ${NAME:-default} replaced. @param variables as in .env */
export function readComposeFile(variables: Readonly<Record<string, string>> = {}): ComposeFile {
  const text = readFileSync(COMPOSE_FILE, 'utf8').replace(
    /\$\{(\w+):-([^}]*)\}/g,
    (_, name: string, standard: string) => variables[name] ?? standard,
  );
  return parse(text, { merge: true }) as ComposeFile;
}

/** The variables that the file takes from .env or the shell. */
export function composeVariables(): readonly string[] {
  const found = readFileSync(COMPOSE_FILE, 'utf8').matchAll(/\$\{(\w+):-[^}]*\}/g);
  return [...new Set([...found].map(([, name = '']) => name))];
}

/** Where a file that a container sees lies in this project: under what is mounted there, else under the image’s /app. */
export function hostPath({ volumes: mounts = [] }: ComposeService, path: string): string {
  for (const [source = '', target = ''] of mounts.map((mount) => mount.split(':'))) {
    if (source.startsWith('./') && path.startsWith(target)) {
      return `${ROOT}${source.slice(2)}${path.slice(target.length)}`;
    }
  }
  return `${ROOT}${path}`;
}
