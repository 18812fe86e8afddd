import { describe, expect, it } from 'vitest';

import type { Outcome, Payload } from './layers.ts';

/** What no query may show: the canary, and hashes of passwords. */
const SECRET = /canaryd41d8cd9|SCRAM-SHA-256\$|\*[0-9A-F]{40}/;
/** Proves payloads, too: without any layer each of them does its harm. */
const THOROUGH = Number(process.env['ATTACK_EFFORT'] ?? 1) > 1;

export interface Attacked {
  readonly payloads: readonly Payload[];
  /** The letters of the layers, and what they are. */
  readonly layers: Readonly<Record<string, string>>;
  /** Sends a query with these layers on and all others off. */
  readonly attack: (sql: string, layers: string) => Promise<Outcome>;
  /** Everything that a query could change, in one text. */
  readonly state: () => Promise<string>;
  readonly restore: () => Promise<unknown>;
}

/** Tries every payload with one layer on and all others off: each that is said to stop it has to. */
export function attackSuite({ payloads, layers, attack, state, restore }: Attacked): void {
  const told = (payload: Payload): [string, Payload] => [
    `${payload.stops}  ${payload.sql}`,
    payload,
  ];

  let known: string | undefined;
  async function harmOf({ sql, runs }: Payload, on: string): Promise<string> {
    // What an attack left as it was need not be looked at again.
    const before = runs ? '' : (known ??= await state());
    const { output, error } = await attack(sql, on);
    const after = runs ? '' : await state();
    if (before !== after) {
      await restore();
      known = undefined;
    }
    if (SECRET.test(output + String((error as Error | undefined)?.message ?? ''))) return 'told';
    if (before !== after) return 'changed';
    return runs && error === undefined ? 'ran' : 'none';
  }

  async function tryAlone(payload: Payload): Promise<void> {
    for (const layer of payload.stops)
      expect([layer, await harmOf(payload, layer)]).toEqual([layer, 'none']);
  }

  it('each is stopped by two layers at least', () => {
    expect(payloads.filter(({ stops }) => new Set(stops).size < 2)).toEqual([]);
    expect(payloads.flatMap(({ stops }) => [...stops]).every((layer) => layer in layers)).toBe(
      true,
    );
    expect(new Set(payloads.map(({ sql }) => sql)).size).toBe(payloads.length);
  });

  it.each(payloads.filter(({ runs }) => !runs).map(told))('%s', (_, payload) => tryAlone(payload));

  describe.concurrent('by what they cost', () => {
    it.each(payloads.filter(({ runs }) => runs).map(told))('%s', (_, payload) => tryAlone(payload));
  });

  if (!THOROUGH) return;
  describe('without any layer', () => {
    it.each(payloads.filter(({ escapes, endless }) => !escapes && !endless).map(told))(
      'does harm: %s',
      async (_, payload) => expect(await harmOf(payload, '')).not.toBe('none'),
    );
  });
}
