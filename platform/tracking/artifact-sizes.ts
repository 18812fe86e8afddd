import { posix } from 'node:path';

import { z } from 'zod';

import { artifactFiles } from './answer-parts.ts';
import { PROXY } from './artifact-address.ts';
import type { MlflowHttp } from './mlflow-http.ts';

const folderAnswer = z.object({ files: artifactFiles });

/**
 * Sizes of artifacts, from the lists of MLflow's artifact proxy; one request for each folder.
 * @param addresses as `artifactPath` makes them
 * @returns address to bytes, for those that exist
 */
export async function artifactSizes(
  http: MlflowHttp,
  addresses: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const wanted = new Set(addresses);
  const sizes = new Map<string, number>();
  async function look(folder: string): Promise<void> {
    const place = decodeURIComponent(folder.slice(PROXY.length + 1));
    const path = `${PROXY}?${new URLSearchParams({ path: place }).toString()}`;
    const call = { method: 'GET', path, repeatable: true, signal } as const;
    const { files } = await http.json(call, folderAnswer);
    for (const file of files) {
      const address = `${folder}/${encodeURIComponent(posix.basename(file.path))}`;
      if (!file.is_dir && wanted.has(address)) sizes.set(address, file.file_size);
    }
  }
  await Promise.all([...new Set(addresses.map((address) => posix.dirname(address)))].map(look));
  return sizes;
}
