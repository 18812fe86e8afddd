import { readdirSync, readFileSync } from 'node:fs';

const EVERY_MILLISECONDS = 100;

/** What a process and everything below it had resident at once, at most. */
export interface Peak {
  readonly bytes: number;
  /** The same of the processes that are Node: server, worker and readers, without Temporal and MLflow. */
  readonly nodeBytes: number;
}

/**
 * Watches a process tree through /proc, so on Linux only: every tenth of a second the sum of VmRSS.
 * Pages that processes share count in each of them.
 */
export function watchMemory(root: number): () => Peak {
  let peak: Peak = { bytes: 0, nodeBytes: 0 };
  const look = (): void => {
    const { bytes, nodeBytes } = resident(root);
    peak = {
      bytes: Math.max(peak.bytes, bytes),
      nodeBytes: Math.max(peak.nodeBytes, nodeBytes),
    };
  };
  const timer = setInterval(look, EVERY_MILLISECONDS);
  return () => {
    look();
    clearInterval(timer);
    return peak;
  };
}

function resident(root: number): Peak {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = field(entry, 'PPid');
    if (parent !== undefined)
      children.set(parent, [...(children.get(parent) ?? []), Number(entry)]);
  }
  let bytes = 0;
  let nodeBytes = 0;
  const tree = [root];
  for (let pid = tree.pop(); pid !== undefined; pid = tree.pop()) {
    tree.push(...(children.get(pid) ?? []));
    const own = (field(String(pid), 'VmRSS') ?? 0) * 1024;
    bytes += own;
    if (isNode(pid)) nodeBytes += own;
  }
  return { bytes, nodeBytes };
}

/** A number of /proc/<pid>/status; undefined when the process has ended or has no such number. */
function field(pid: string, name: string): number | undefined {
  const found = new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(read(`/proc/${pid}/status`));
  return found?.[1] === undefined ? undefined : Number(found[1]);
}

function isNode(pid: number): boolean {
  return read(`/proc/${pid}/cmdline`).split('\0')[0] === process.execPath;
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // It ended while we looked.
  }
}
