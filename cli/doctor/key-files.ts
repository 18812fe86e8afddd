import { stat } from 'node:fs/promises';

import { listOurs } from '../../platform/audit/histories/list-executions.ts';
import { parseKeys } from '../../platform/codec/keyring.ts';
import { readKeyFile } from '../../platform/codec/key-file.ts';
import type { Config } from '../../schemas/config.ts';
import { askTemporal, ok, problem, unknown, type Check, type Finding } from './check.ts';

/** Its owner alone may read and write it. */
const OTHERS = 0o077;

export const keyFiles: Check = {
  name: 'key files',
  async run({ config }) {
    const files = {
      'secrets in requests': config.sealKeyFile,
      payloads: config.payloadKeysFile,
      callers: config.apiKeysFile,
      'audit log': config.auditKeysFile,
    };
    const found = await Promise.all(
      Object.entries(files).map(([whose, path]) => permissions(whose, path)),
    );
    const findings = found.flat();
    return findings.length > 0
      ? findings
      : ok('There are no key files yet: the first start makes them.');
  },
};

async function permissions(whose: string, path: string): Promise<Finding[]> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return [];
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  if ((found.mode & OTHERS) !== 0) {
    return [
      problem(
        `The keys of ${whose}, ${path}, can be used by others (mode ${mode}).`,
        `chmod 600 ${path}`,
      ),
    ];
  }
  return [ok(`The keys of ${whose} are their owner’s alone.`)];
}

/** All machines need the same keys: what others have encrypted shows whether these are they. */
export const sharedKeys: Check = {
  name: 'shared keys',
  run: askTemporal(async ({ connection, namespace }, { config }) => {
    const ids = await payloadKeyIds(config);
    const ours = listOurs({ connection, namespace, taskQueue: config.TEMPORAL_TASK_QUEUE });
    for await (const { workflowId, runId } of ours) {
      const { history } = await connection.workflowService.getWorkflowExecutionHistory({
        ...{ namespace, execution: { workflowId, runId } },
        maximumPageSize: 1,
      });
      const [first] = history?.events ?? [];
      const [payload] = first?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
      const used = Buffer.from(payload?.metadata?.['encryption-key-id'] ?? []).toString();
      if (used === '') return unencrypted(config.ENCRYPT_PAYLOADS);
      return ids.includes(used)
        ? ok(`The newest run was encrypted with a key that is here (${used}).`)
        : problem(
            `The newest run was encrypted with the key ${used}, and here are ${ids.join(', ') || 'none'}.`,
            'Give all servers and workers the same PAYLOAD_KEYS_FILE.',
          );
    }
    return unknown('There is no run yet to compare the keys with.');
  }),
};

function unencrypted(encrypting: boolean): Finding {
  return encrypting
    ? unknown('The newest run is from before ENCRYPT_PAYLOADS, or from a server without it.')
    : ok('Runs are not encrypted (ENCRYPT_PAYLOADS).');
}

async function payloadKeyIds({ payloadKeysFile }: Config): Promise<string[]> {
  const text = await readKeyFile(payloadKeysFile);
  return text === undefined ? [] : parseKeys(text, payloadKeysFile).map(({ id }) => id);
}
