import { hash, randomBytes } from 'node:crypto';

import { canonical } from './chain.ts';
import type { PrivateRow } from './database/tables.ts';

const SALT_BYTES = 16;

export function newSalt(): string {
  return randomBytes(SALT_BYTES).toString('hex');
}

/** SHA-256(salt ‖ text), hex: tells nothing of the text to whoever lacks the salt, however few texts are possible. */
export function commitmentTo(salt: string, text: string): string {
  return hash('sha256', Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(text)]));
}

/** Whether a salt is one of ours: bytes moved between salt and text would leave the commitment as it is. */
export function isCommittedBy(commitment: unknown, salt: string, text: string): boolean {
  return /^[0-9a-f]{32}$/.test(salt) && commitmentTo(salt, text) === commitment;
}

/** A value as the private part of an event, under a salt of its own. @param workflowId whose erasure erases it */
export function committed(value: unknown, workflowId = ''): Omit<PrivateRow, 'chain'> {
  const body = canonical(wellFormed(value));
  const salt = newSalt();
  return { commitment: commitmentTo(salt, body), salt, body, workflow_id: workflowId };
}

/** A lone surrogate, as JSON.stringify writes it. */
const LONE = /\\ud[89a-f]/;

/** A value as JSON has it, with texts that all languages write alike: lone surrogates become U+FFFD. */
export function wellFormed(value: unknown): unknown {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) return null;
  if (!LONE.test(text)) return JSON.parse(text) as unknown;
  return JSON.parse(text, (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed() : inner,
  );
}
