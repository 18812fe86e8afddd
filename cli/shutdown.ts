import type { Logger } from '../platform/logging.ts';

/** One Ctrl-C reaches us twice below npm: from the terminal's group, and passed on by npm itself. */
const SAME_PRESS_MILLISECONDS = 1000;

/** A signal that is aborted by the first Ctrl-C or SIGTERM; another one later ends the process at once. */
export function stopSignal(logger: Logger): AbortSignal {
  const controller = new AbortController();
  let firstAt: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.on(name, () => {
      firstAt ??= performance.now();
      if (performance.now() - firstAt > SAME_PRESS_MILLISECONDS) process.exit(130);
      if (controller.signal.aborted) return;
      logger.info(`${name}: stopping`);
      controller.abort();
    });
  }
  return controller.signal;
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) =>
    signal.addEventListener('abort', () => resolve(), { once: true }),
  );
}
