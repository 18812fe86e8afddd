/**
 * Holds `path` as a lock between processes while `work` runs; waits for another holder, and takes over
 * from one that died. The folder of `path` must exist. `onWait` is called once, with the holder's process id.
 * `share` makes a child a holder, too, so that the lock outlives this process as long as the child does.
 */
export function withFileLock<T>(
  path: string,
  options: { onWait?: (holder: number) => void },
  work: (share: (pid: number) => void) => Promise<T>,
): Promise<T>;
