// Records a workflow's history for the replay test: node test/workflows/record-history.ts ADDRESS WORKFLOW_ID FILE
import { writeFile } from 'node:fs/promises';

import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const [address = '127.0.0.1:7233', workflowId = '', file = ''] = process.argv.slice(2);
const connection = await Connection.connect({ address });
const history = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
// What tells of the machine has no place in a fixture; it is not replayed.
const json = historyToJSON(history)
  .replaceAll(/"stackTrace": "(?:[^"\\]|\\.)*"/g, '"stackTrace": ""')
  .replaceAll(/"identity": "[^"]*"/g, '"identity": "worker"');
await writeFile(file, `${json}\n`);
await connection.close();
