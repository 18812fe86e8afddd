import { randomUUID } from 'node:crypto';
import { chmod } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';

import { examine } from '../../cli/doctor/examine.ts';
import type { Answer } from '../../cli/doctor/run-checks.ts';
import { freePort } from '../../local/ports.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { productCommand } from '../support/product-command.ts';
import { startTestService, type TestService } from '../support/test-service.ts';

let service: TestService;
let elsewhere: string;
beforeAll(async () => {
  service = await startTestService();
  elsewhere = `127.0.0.1:${await freePort()}`;
});
afterAll(() => service.stop());

const examined = (settings: Readonly<Record<string, string>>): Promise<Answer[]> =>
  examine({ ...service.settings, ...settings });

const wrong = (answers: readonly Answer[]): Answer[] =>
  answers.filter(({ level }) => level === 'problem' || level === 'warning');

/** MLflow behind a proxy whose clock is wrong. */
async function mlflowAt(skewMs: number): Promise<string> {
  const target = new URL(inject('mlflow'));
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming;
    const { hostname, port } = target;
    const passed = request({ hostname, port, method, path, headers }, (answer) => {
      const date = new Date(Date.now() + skewMs).toUTCString();
      outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, date });
      answer.pipe(outgoing);
    });
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('durable-experiments doctor', () => {
  it('finds nothing wrong where nothing is, and ends with 0', async () => {
    const { code, stdout } = await productCommand(service.settings, 'doctor');
    expect(stdout).not.toContain('✗');
    expect(stdout).toMatch(/✓ MLflow +MLflow 3\.\S+ answers/);
    expect(code).toBe(0);
  });

  it('tells a misspelt setting from another program’s, and ends with 1', async () => {
    const given = { TEMPORAL_ADRESS: 'x', MLFLOW_HOST: 'x', TEMPORAL_CLI_SHOW_STACKS: '1' };
    const { code, stdout } = await productCommand(
      { ...service.settings, ...given },
      ...['doctor', '--json'],
    );
    expect(code).toBe(1);
    const { answers } = JSON.parse(stdout) as { answers: Answer[] };
    expect(wrong(answers)).toEqual([
      {
        check: 'names of settings',
        level: 'problem',
        says: 'TEMPORAL_ADRESS is no setting, and is ignored.',
        remedy: 'Did you mean TEMPORAL_ADDRESS?',
      },
    ]);
  });

  it('knows its usage', async () => {
    expect((await productCommand(service.settings, 'doctor', '--nonsense')).code).toBe(2);
  });

  it.each<[string, () => Readonly<Record<string, string>>, string, RegExp, RegExp]>([
    [
      'a setting that can’t be read',
      () => ({ PORT: 'eighty' }),
      ...(['settings', /PORT/, /Correct it/] as const),
    ],
    [
      'MLflow that is away',
      () => ({ MLFLOW_TRACKING_URI: `http://user:geheim@${elsewhere}` }),
      ...(['MLflow', /MLflow does not answer at http:\/\/127/, /Start it/] as const),
    ],
    [
      'Temporal that is away',
      () => ({ TEMPORAL_ADDRESS: elsewhere }),
      ...(['Temporal', /does not answer at 127/, /TEMPORAL_ADDRESS/] as const),
    ],
    [
      'a namespace that is not there',
      () => ({ TEMPORAL_NAMESPACE: 'nowhere' }),
      ...([
        'Temporal',
        /not for the namespace nowhere \(it is not there\)/,
        /TEMPORAL_NAMESPACE/,
      ] as const),
    ],
    [
      'a task queue without workers',
      () => ({ TEMPORAL_TASK_QUEUE: 'nobodys' }),
      ...(['workers', /No worker is there for steps/, /Start one/] as const),
    ],
    [
      'a missing data root',
      () => ({ DATA_ROOTS: join(service.data, 'missing') }),
      ...(['folders', /missing, which is not there/, /correct DATA_ROOTS/] as const),
    ],
    [
      'a retention that is too short',
      () => ({ TEMPORAL_RETENTION_DAYS: '366' }),
      ...(['retention', /for 30 days, and TEMPORAL_RETENTION_DAYS is 366/, /--set/] as const),
    ],
    [
      'an audit database that is away',
      () => ({ AUDIT_DATABASE_URL: `postgresql://audit:geheim@${elsewhere}/audit` }),
      ...(['audit log', /audit log/, /AUDIT_DATABASE_URL/] as const),
    ],
    [
      'a blob store that can’t be written',
      () => ({ BLOB_STORE: join(service.data, 'train.csv') }),
      ...(['blob store', /Nothing can be written to .*train.csv/, /BLOB_STORE/] as const),
    ],
    [
      'a door that is open to all',
      () => ({ HOST: '0.0.0.0' }),
      ...(['callers', /without asking who calls/, /Make a key/] as const),
    ],
    [
      'more memory than there is',
      () => ({ WORKER_MEMORY_BYTES: String(2 ** 50) }),
      ...(['memory', /a worker would be killed/, /leave it out/] as const),
    ],
  ])('%s is a problem with a remedy, and no password is shown', async (...given) => {
    const [, settings, check, says, remedy] = given;
    const answers = await examined(settings());
    const [found] = wrong(answers).filter((answer) => answer.check === check);
    expect(found).toMatchObject({
      level: 'problem',
      says: expect.stringMatching(says) as string,
      remedy: expect.stringMatching(remedy) as string,
    });
    expect(JSON.stringify(answers)).not.toContain('geheim');
  });

  it('shows keys that others can read', async () => {
    const key = join(service.settings['STATE_DIR'] ?? '', 'keys', 'seal.key');
    await chmod(key, 0o644);
    onTestFinished(() => chmod(key, 0o600));
    expect(wrong(await examined({}))).toEqual([
      {
        check: 'key files',
        level: 'problem',
        says: expect.stringContaining('seal.key, can be used by others (mode 0644)') as string,
        remedy: `chmod 600 ${key}`,
      },
    ]);
  });

  it.each([
    [-30_000, 'warning', /MLflow’s clock is (29|30|31) s behind/],
    [600_000, 'problem', /MLflow’s clock is (599|600) s ahead of/],
  ])('shows a clock that is %i ms off', async (skew, level, says) => {
    const answers = await examined({ MLFLOW_TRACKING_URI: await mlflowAt(skew) });
    expect(wrong(answers)).toEqual([
      {
        check: 'clocks',
        level,
        says: expect.stringMatching(says) as string,
        remedy: 'Keep all machines’ clocks by NTP.',
      },
    ]);
  });

  it('shows that a run was encrypted with a key that is not here', async () => {
    const strange = { ENCRYPT_PAYLOADS: 'true', PAYLOAD_KEYS_FILE: join(service.data, 'strange') };
    const TEMPORAL_TASK_QUEUE = `doctor-${randomUUID()}`;
    const other = await startTestService({ ...strange, TEMPORAL_TASK_QUEUE }, { worker: false });
    onTestFinished(() => other.stop());
    const { result } = await other.invoke('mlflow_run_experiment', {
      ...{ experiment_name: 'doctor', wait_seconds: 0 },
      source: { kind: 'file', path: 'train.csv', target: 'label' },
    });
    onTestFinished(async () => {
      await service.temporal.workflow.getHandle(String(result?.['workflow_id'])).terminate();
    });
    const keysOf = async (settings: Readonly<Record<string, string>>) =>
      (await examined(settings)).find(({ check }) => check === 'shared keys');
    await expect
      .poll(() => keysOf({ TEMPORAL_TASK_QUEUE }))
      .toMatchObject({
        level: 'problem',
        says: expect.stringMatching(/encrypted with the key \S+, and here are/) as string,
      });
    expect(await keysOf({ ...strange, TEMPORAL_TASK_QUEUE })).toMatchObject({ level: 'ok' });
    // Another installation’s runs say nothing of this one’s keys.
    expect(await keysOf({})).not.toMatchObject({ level: 'problem' });
  });

  it('comes to an end with neighbours that hang', async () => {
    const proxy = await startFaultProxy({ target: inject('mlflow'), mode: 'hang' });
    onTestFinished(() => proxy.close());
    const answers = await examined({ MLFLOW_TRACKING_URI: proxy.url });
    expect(wrong(answers)).toMatchObject([
      {
        check: 'MLflow',
        level: 'problem',
        says: expect.stringContaining('does not answer') as string,
      },
    ]);
  });
});
