import { countTokens } from 'gpt-tokenizer';
import { describe, expect, it } from 'vitest';

import { getAuditTool } from '../../../server/tools/get-audit.ts';
import { createDoors } from '../fake-experiments.ts';

/** As many events as are asked for, with names as long as they may be. */
const EVENTS = Array.from({ length: 200 }, (_, i) => ({
  ...{ seq: 123_456 + i, event: 'attempt.ended' },
  line: `12:03:04.${100 + i} evaluate, attempt 2 failed after 3.1 s: STORAGE_FULL (worker ${'f7'.repeat(30)})`,
}));
const trail = (limit: number) => ({
  ...{ run_id: 'a'.repeat(32), workflow_id: `experiment-${'b'.repeat(36)}` },
  ...{ events: EVENTS.slice(0, limit), next_cursor: String(EVENTS[limit - 1]!.seq) },
  checkpoint: { size: 123_456, root: 'c1'.repeat(32), time: '2026-11-23T12:03:04.123Z' },
  arguments_erased: false,
});

const asked = (limit?: number) => {
  const { experimentsOf } = createDoors({ audit: async (request) => trail(request.limit) }).options;
  const context = {
    ...{ experiments: experimentsOf(), signal: new AbortController().signal },
    ...{ caller: { tenant: 'default', subject: 'x', scopes: [] }, defaultWaitSeconds: 1 },
  };
  return getAuditTool.run(getAuditTool.input.parse({ run_id: 'r1', limit }), context);
};

describe('an answer of mlflow_get_audit', () => {
  it('costs less than 1 000 tokens, more only for who asks for more', async () => {
    const usual = await asked();
    expect(countTokens(JSON.stringify(usual))).toBeLessThan(1000);
    expect(usual.events.length).toBeGreaterThan(5);
    const most = await asked(200);
    expect(countTokens(JSON.stringify(most))).toBeLessThan(4000);
    expect(most.events.length).toBeGreaterThan(usual.events.length);
  });

  it('leads on to what there was no room for', async () => {
    const { events, next_cursor } = await asked();
    expect(events).toEqual(EVENTS.slice(0, events.length));
    expect(next_cursor).toBe(String(events.at(-1)!.seq));
  });

  it('is whole where there is room', async () => {
    expect(await asked(3)).toEqual(trail(3));
  });
});
