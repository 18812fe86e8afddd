/** Entry of a reader process that does not what a reader does, as one would that a file has taken over. */
import { spawn } from 'node:child_process';

process.on('message', (wish: 'spawn' | 'allocate') => {
  if (wish === 'spawn') {
    process.send?.(spawn('/bin/sleep', ['600'], { stdio: 'ignore' }).pid);
    return;
  }
  try {
    process.send?.(Buffer.alloc(6 * 2 ** 30).length);
  } catch (error) {
    process.send?.((error as Error).message);
  }
});
