import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createKeyRing, readGivenKey } from '../../../platform/audit/verification/key-ring.ts';
import {
  receiptSchema,
  verifyReceipt,
  type ReceiptToVerify,
} from '../../../platform/audit/verification/verify-receipt.ts';
import { makeSampleExports } from './tampering/sample-exports.ts';

let folder: string;
let receipt: ReceiptToVerify;
let key: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-receipt-'));
  const exports = await makeSampleExports(folder);
  receipt = receiptSchema.parse(JSON.parse(await readFile(exports.receipt, 'utf8')));
  key = await readFile(exports.key, 'utf8');
});
afterAll(() => rm(folder, { recursive: true }));

type Item = { hash: string; event: Record<string, unknown> };

const findings = (changed: ReceiptToVerify) =>
  verifyReceipt(changed, createKeyRing(new Map(), [readGivenKey(key)])).findings;

/** The receipt with something else in the place of an event. */
const withEvent = (at: number, change: (item: Item) => unknown): ReceiptToVerify => ({
  ...receipt,
  events: receipt.events.with(at, change(receipt.events[at] as Item)),
});

describe('the receipt of a run', () => {
  it('is verified by itself', () => {
    expect(findings(receipt)).toEqual([]);
  });

  it('is found out when an event was edited, moved, doubled or is another run’s', () => {
    const { event } = receipt.events[5] as Item;
    const at = { seq: event['audit.seq'] };
    const edited = (item: Item) => ({ ...item, event: { ...item.event, 'service.version': 'x' } });
    expect(findings(withEvent(5, edited))).toMatchObject([at]);
    expect(findings(withEvent(5, (item) => ({ ...item, path: [] })))).toMatchObject([at]);
    expect(findings(withEvent(6, () => receipt.events[5]))).toMatchObject([at]);
    expect(findings({ ...receipt, workflow_id: 'experiment-2' })).toHaveLength(1);
  });

  it('is found out when its checkpoint was changed, or its key is not the auditor’s', () => {
    const checkpoint = { ...receipt.checkpoint, time: '2020-01-01T00:00:00.000Z' };
    expect(findings({ ...receipt, checkpoint })).toMatchObject([{ checkpoint: checkpoint.size }]);
    expect(findings({ ...receipt, chain: 'acme' })).not.toEqual([]);
    const stranger = `-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAHbVIBOpXnU0VSIbwr3DQRjLp7wRyNOfjd3o06M90kKQ=
-----END PUBLIC KEY-----`;
    const ring = createKeyRing(new Map(), [readGivenKey(stranger)]);
    expect(verifyReceipt(receipt, ring).findings[0]?.problem).toContain('nobody vouches');
  });
});
