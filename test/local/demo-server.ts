import type { ServerProcessOptions } from '../../local/server-process.ts';

/** Answers on its port from a child process; the first process only waits. Both ignore nothing. */
const PARENT = `
const { spawn } = require('node:child_process');
const serve = "require('node:http').createServer((q, s) => s.end('ok')).listen(+process.argv[1], '127.0.0.1')";
spawn(process.execPath, ['-e', serve, process.argv[1], process.argv[2]], { stdio: 'inherit' });
setInterval(() => {}, 1e6);
`;

/** What starts a server of two processes on `port`. */
export function demoServer(stateDir: string, port: number): ServerProcessOptions {
  const mark = `demo-server-of-${stateDir}`;
  return {
    title: 'The demo server',
    name: 'demo',
    stateDir,
    command: process.execPath,
    args: ['-e', PARENT, String(port), mark],
    env: process.env,
    ports: [{ port, setting: 'DEMO_PORT' }],
    mark,
    isReady: async () => (await fetch(`http://127.0.0.1:${port}`)).ok,
    startSeconds: 30,
  };
}
