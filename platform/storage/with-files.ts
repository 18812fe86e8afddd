import type { BlobRef } from '../../schemas/source.ts';
import type { BlobStore } from './blob-store.ts';

/** Calls `use` with local paths of several blobs, by name; see {@link BlobStore.withFile}. */
export async function withFiles<Name extends string, T>(
  blobs: BlobStore,
  refs: Readonly<Record<Name, BlobRef>>,
  use: (paths: Readonly<Record<Name, string>>) => Promise<T>,
): Promise<T> {
  const open = async (
    [next, ...rest]: readonly [Name, BlobRef][],
    paths: Partial<Record<Name, string>>,
  ): Promise<T> => {
    if (next === undefined) return use(paths as Record<Name, string>);
    const [name, ref] = next;
    return blobs.withFile(ref, (path) => open(rest, { ...paths, [name]: path }));
  };
  return open(Object.entries(refs) as [Name, BlobRef][], {});
}
