import { open, type FileHandle } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY = 2;

/** A file that another process is still copying: reading follows the copying. */
export interface GrowingFile {
  /** Bytes it has when it is complete. */
  readonly size: number;
  /** Reads up to `length` bytes at `position`; 0 only at the end of the complete file. */
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * Opens a file as soon as it exists. Whoever writes it ends this process if it can't complete it.
 * @param size of the complete file; as it is now when not given
 */
export async function openGrowingFile(path: string, size?: number): Promise<GrowingFile> {
  const file = await openWhenThere(path, size !== undefined);
  const whole = size ?? (await file.stat()).size;
  return {
    size: whole,
    async read(buffer, offset, length, position) {
      for (;;) {
        const { bytesRead } = await file.read(buffer, offset, length, position);
        if (bytesRead > 0 || position >= whole) return bytesRead;
        await delay(LOOK_EVERY);
      }
    },
    close: () => file.close(),
  };
}

async function openWhenThere(path: string, expected: boolean): Promise<FileHandle> {
  for (;;) {
    try {
      return await open(path, 'r');
    } catch (error) {
      if (!expected || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      await delay(LOOK_EVERY);
    }
  }
}
