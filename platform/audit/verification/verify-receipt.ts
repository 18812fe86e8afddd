import { z } from 'zod';

import { checkpointSchema } from '../checkpoint.ts';
import type { ChainVerdict, Finding } from './finding.ts';
import type { KeyRing } from './key-ring.ts';
import { canonicalText, provenProblem, storedEvent } from './proven-events.ts';
import { checkedCheckpoint } from './signed-checkpoints.ts';

export const receiptSchema = z.strictObject({
  format: z.literal('durable-experiments-receipt/1'),
  chain: z.string(),
  workflow_id: z.string(),
  checkpoint: checkpointSchema,
  keys: z.array(z.unknown()),
  events: z.array(z.unknown()),
});
export type ReceiptToVerify = z.infer<typeof receiptSchema>;

/** Verifies the receipt of a run by itself: that each of its events was signed, in its place. */
export function verifyReceipt(receipt: ReceiptToVerify, keys: KeyRing): ChainVerdict {
  const { chain, checkpoint } = receipt;
  const { size, root, time } = checkpoint;
  const findings: Finding[] = [];
  const checked = checkedCheckpoint(`${canonicalText(checkpoint)}\n`, keys);
  if (typeof checked === 'string') {
    findings.push({ chain, checkpoint: size, problem: `The receipt’s checkpoint ${checked}.` });
  }
  let last = 0;
  for (const value of receipt.events) {
    const stored = storedEvent(value);
    const seq = stored?.event['audit.seq'];
    const name = stored?.event['event.name'] as string | undefined;
    const problem = stored ? receiptProblem(receipt, stored, last) : 'it has not the form of one.';
    if (problem !== undefined) {
      findings.unshift({ chain, seq: seq ?? last + 1, name, problem });
      break;
    }
    last = seq ?? last;
  }
  if (checkpoint.chain !== chain) {
    findings.push({
      chain,
      problem: `The receipt’s checkpoint is of the chain ${checkpoint.chain}.`,
    });
  }
  return {
    ...{
      chain,
      size,
      seen: receipt.events.length,
      root,
      start: 0,
      checkpoints: 1,
      covered: size,
      coveredAt: time,
    },
    ...{ findings, warnings: [] },
  };
}

function receiptProblem(
  { chain, checkpoint, workflow_id: workflowId }: ReceiptToVerify,
  stored: NonNullable<ReturnType<typeof storedEvent>>,
  last: number,
): string | undefined {
  if (stored.event['audit.seq'] <= last) return 'it is there more than once, or out of order.';
  const problem = provenProblem(stored, { ...checkpoint, chain });
  if (problem !== undefined) return problem;
  return stored.event['temporal.workflow_id'] === workflowId
    ? undefined
    : `it is not about the run of the receipt, ${workflowId}.`;
}
