// Plain JavaScript: the launcher runs under whatever Node there is.
import { clearInterval, setInterval } from 'node:timers';

const LOOK_EVERY_MS = 500;

/** Set by the launcher for the process that it starts. */
export const LAUNCHED = 'DURABLE_EXPERIMENTS_LAUNCHED';

/**
 * Below npm or the launcher: asks this process to stop when the one that started it is gone. npm passes signals on to
 * a shell, which ends and tells nobody; whoever is killed with -9 passes on nothing.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function endWithParent(env) {
  if (env['npm_lifecycle_event'] === undefined && env[LAUNCHED] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    process.kill(process.pid, 'SIGTERM');
  }, LOOK_EVERY_MS);
  timer.unref();
}
