import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { expect, it } from 'vitest';

const MODULES = new URL('../../', import.meta.url).href;
const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

/** What a process of its own says on stderr. */
async function linesOf(code: string): Promise<Record<string, unknown>[]> {
  const script = `
    import { createLogger } from '${MODULES}platform/logging.ts';
    import { parseTrace, withTrace } from '${MODULES}platform/tracing/trace-context.ts';
    import { sdkLogger } from '${MODULES}activities/sdk-logger.ts';
    import { Failure } from '${MODULES}schemas/failure.ts';
    ${code}`;
  const args = ['--input-type=module', '--eval', script];
  const { stderr, stdout } = await promisify(execFile)(process.execPath, args);
  expect(stdout).toBe('');
  return stderr
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

it('a line says where in a trace it was written, keeps secrets and texts of others, and has one form for all', async () => {
  const lines = await linesOf(`
    const log = createLogger('worker', 'info');
    log.debug('too little');
    log.info({ password: 'canary', of: { secret: 'canary' } }, 'outside');
    withTrace(parseTrace({ traceparent: '${TRACEPARENT}' }), () =>
      log.child({ workflow_id: 'experiment-1' }).warn(
        { err: new Failure('NO_ROWS', 'No rows.', 'Add some.', { cause: new TypeError('canary') }) },
        'inside',
      ),
    );
    const error = Object.assign(new Error('gone'), { failure: { payload: 'canary' } });
    sdkLogger(log).warn('of the SDK', { workflowId: 'experiment-1', runId: 'temporal', error });
  `);
  expect(JSON.stringify(lines)).not.toContain('canary');
  expect(lines).toMatchObject([
    { component: 'worker', level: 30, msg: 'outside' },
    {
      ...{ level: 40, msg: 'inside', workflow_id: 'experiment-1' },
      ...{ trace_id: '0af7651916cd43dd8448eb211c80319c', span_id: 'b7ad6b7169203331' },
      err: { code: 'NO_ROWS', message: 'No rows.', causes: ['TypeError'] },
    },
    {
      ...{ level: 40, msg: 'of the SDK', workflow_id: 'experiment-1' },
      ...{ temporal_run_id: 'temporal', err: { message: 'gone' } },
    },
  ]);
  expect(lines[0]).not.toHaveProperty('trace_id');
});
