import { z } from 'zod';

const hex = z.string().regex(/^[0-9a-f]{64}$/);
/** In the folder itself: a verifier reads nothing beside it. */
const fileName = z.string().regex(/^\w[\w.-]*$/);
const whole = z.number().int().nonnegative();

/** What an export holds; signed, so that nothing can be left out of it afterwards. */
export const manifestSchema = z.strictObject({
  format: z.literal('durable-experiments-audit/1'),
  kind: z.enum(['run', 'range']),
  chain: z.string(),
  made: z.iso.datetime(),
  /** Of a run. */
  workflow_id: z.string().optional(),
  /** Of a range: what was asked for. It goes on to the first checkpoint that covers the end. */
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  /** Events in the chain that the newest checkpoint of the export covers. */
  size: whole,
  /** How many events are in events.jsonl. */
  events: whole,
  /** Of a run: their places in the chain. */
  seqs: z.array(whole).optional(),
  /** Of a range: the chain before its first event. */
  start: z.strictObject({ size: whole, head: hex, frontier: z.array(hex) }).optional(),
  files: z.array(z.strictObject({ name: fileName, sha256: hex, bytes: whole })),
});
export type Manifest = z.infer<typeof manifestSchema>;

/** Who signed a manifest: Ed25519 over its canonical JSON, base64. */
export const manifestSignatureSchema = z.strictObject({
  key_id: z.string(),
  signature: z.base64(),
});

/** The files that a verifier reads itself. */
export const EXPORT_FILES = {
  manifest: 'manifest.json',
  signature: 'manifest.sig',
  events: 'events.jsonl',
  checkpoints: 'checkpoints.jsonl',
  keys: 'keys.jsonl',
  private: 'private.jsonl',
} as const;
