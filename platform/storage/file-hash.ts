import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';

/** Read at once: a fresh buffer for each piece would keep the garbage collector busy. */
const PIECE_BYTES = 1 << 20;

/** SHA-256 (hex) of a file's bytes. */
export async function sha256OfFile(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const buffer = Buffer.allocUnsafeSlow(Math.max(1, Math.min(size, PIECE_BYTES)));
    const hash = createHash('sha256');
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, null);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}

/** Files whose hash was checked and is remembered. */
const MOST_CHECKED = 10_000;

/** What changes whenever anybody writes to a file, even in place. */
interface FileState {
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

interface Content {
  readonly sha256: string;
  readonly bytes: number;
}

/** Remembers which hash a file had in which state: the next step need not read gigabytes again. */
export function createHashMemory() {
  const known = new Map<string, string>();
  const stateOf = (path: string): Promise<FileState> => stat(path, { bigint: true });
  const entryOf = ({ sha256 }: Content, { ino, size, mtimeNs, ctimeNs }: FileState): string =>
    [sha256, ino, size, mtimeNs, ctimeNs].join(' ');
  const keep = (path: string, entry: string): void => {
    if (known.size >= MOST_CHECKED) known.clear();
    known.set(path, entry);
  };
  return {
    /** Whether a file has such a content; read only when it has changed since it was known. */
    async holds(path: string, content: Content): Promise<boolean> {
      const found = await stateOf(path);
      const entry = entryOf(content, found);
      if (known.get(path) === entry) return true;
      if (found.size !== BigInt(content.bytes)) return false;
      if ((await sha256OfFile(path)) !== content.sha256) return false;
      keep(path, entry);
      return true;
    },
    /** For a file whose content was hashed before it came to lie there; it may be gone already. */
    async remember(path: string, content: Content): Promise<void> {
      const found = await stateOf(path).catch(() => undefined);
      if (found) keep(path, entryOf(content, found));
    },
  };
}
