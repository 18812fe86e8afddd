import { spawn } from 'node:child_process';

/**
 * Reads until our end of its pipe is closed, which the kernel does however we end, kill -9 included;
 * then ends its charge: asked first, killed after ten seconds.
 */
const SCRIPT = `
read -r line
kill -s TERM -- "$1" 2>/dev/null || exit 0
for second in 1 2 3 4 5 6 7 8 9 10; do
  sleep 1
  kill -s 0 -- "$1" 2>/dev/null || exit 0
done
kill -s KILL -- "$1" 2>/dev/null
`;

/**
 * Has another process ended when this one ends, in whatever way.
 * @param charge a process id or, with a minus before it, a process group, as in kill(2)
 * @returns a function that calls the watchdog off, for when its charge has been ended properly
 */
export function watchOver(charge: number): () => void {
  const watchdog = spawn('/bin/sh', ['-c', SCRIPT, 'watchdog', String(charge)], {
    // A session of its own: a terminal's Ctrl-C or hang-up must not end it before its work.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.on('error', () => {});
  watchdog.unref();
  return () => {
    watchdog.kill('SIGKILL');
  };
}
