import { execFile } from 'node:child_process';

/** Whether a command exists and ends with exit code 0. */
export function succeeds(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<boolean> {
  return new Promise((resolve) => {
    execFile(command, args, { env, maxBuffer: 64 * 1024 * 1024 }, (error) => {
      resolve(error === null);
    });
  });
}
