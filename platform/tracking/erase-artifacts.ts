import { posix } from 'node:path';

import { z } from 'zod';

import { emptyAnswer, artifactFiles } from './answer-parts.ts';
import { artifactPath, PROXY } from './artifact-address.ts';
import type { MlflowHttp } from './mlflow-http.ts';
import type { MlflowClient } from './tracking-types.ts';

const folderAnswer = z.object({ files: artifactFiles });
/** What a run or a model logs lies two folders deep; nobody is led in circles. */
const DEEPEST = 20;

/** Artifacts that are to be gone: what lies below a run's or a LoggedModel's `artifactUri`, through MLflow's proxy. */
export function createArtifactEraser(
  http: MlflowHttp,
): Pick<MlflowClient, 'artifactsBelow' | 'deleteArtifact'> {
  return {
    async artifactsBelow(artifactUri, { signal } = {}) {
      // Addresses are made of a path: the folder itself is that of any file in it.
      const root = posix.dirname(artifactPath(http.url, artifactUri, 'x'));
      const found: string[] = [];
      async function look(below: string, depth: number): Promise<void> {
        const place = posix.join(decodeURIComponent(root.slice(PROXY.length + 1)), below);
        const path = `${PROXY}?${new URLSearchParams({ path: place }).toString()}`;
        const call = { method: 'GET', path, repeatable: true, signal } as const;
        const { files } = await http.json(call, folderAnswer);
        for (const file of files) {
          const own = posix.join(below, posix.basename(file.path));
          if (!file.is_dir) found.push(own);
          else if (depth < DEEPEST) await look(own, depth + 1);
        }
      }
      await look('', 0);
      return found.sort();
    },

    async deleteArtifact({ artifactUri, path }, { signal } = {}) {
      const address = artifactPath(http.url, artifactUri, path);
      await http.json({ method: 'DELETE', path: address, repeatable: true, signal }, emptyAnswer);
    },
  };
}
