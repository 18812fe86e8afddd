import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import { FOLDER, manifests } from './manifests.ts';

/** What an operator defines, and no schema of Kubernetes itself knows. */
const FOREIGN = ['pod-monitor.yaml'];
const files = [
  ...['autoscaling', 'disruption-budgets', 'namespace', 'network-policies', 'promote-job'],
  ...['secrets.example', 'server', 'service-account', 'training-workers', 'workers'],
].map((name) => `${name}.yaml`);

describe('ops/kubernetes', () => {
  it('fits the schemas of Kubernetes, without a field that these do not know', async () => {
    const program = join(dirname(inject('python')), 'kubernetes-validate');
    const paths = files.map((file) => join(FOLDER, file));
    const { stdout, stderr } = await promisify(execFile)(program, ['--strict', ...paths]);
    const checked = `${stdout}${stderr}`.match(/passed for resource/g) ?? [];

    expect(checked).toHaveLength(files.flatMap((file) => manifests(file)).length);
    expect(manifests()).toHaveLength(checked.length + manifests(FOREIGN[0]).length);
  });
});
