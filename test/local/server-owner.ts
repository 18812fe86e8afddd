// Started by the tests as a process of its own: node server-owner.ts <state folder> <port> runs a server that has
// a child, as MLflow does, says its process ids, and waits to be killed.
import { startServerProcess } from '../../local/server-process.ts';
import { demoServer } from './demo-server.ts';

const [stateDir = '', port = ''] = process.argv.slice(2);
const server = await startServerProcess(demoServer(stateDir, Number(port)));
console.log(server.pid);
setInterval(() => {}, 1_000_000);
