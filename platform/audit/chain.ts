import { hash } from 'node:crypto';

import canonicalize from 'canonicalize';

import type { AuditEvent } from '../../schemas/audit-event.ts';

/** What the first event of a chain names as its predecessor. */
export const GENESIS = '0'.repeat(64);

/** An event with its place in the chain; hashes are hex. */
export interface ChainedEvent {
  /** Hash of the event before. */
  readonly previous: string;
  readonly hash: string;
  readonly event: AuditEvent;
}

/** Canonical JSON (RFC 8785). @throws Error on lone surrogates and numbers that JSON has not */
export function canonical(value: unknown): string {
  return canonicalize(value) as string;
}

/** SHA-256(0x02 ‖ hash of the event before ‖ canonical JSON of the event), hex. */
export function chainHash(previous: string, canonicalEvent: string): string {
  return hash(
    'sha256',
    Buffer.concat([Buffer.from(`02${previous}`, 'hex'), Buffer.from(canonicalEvent)]),
  );
}
