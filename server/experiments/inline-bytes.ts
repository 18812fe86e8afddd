import type { InlineRecord } from '../../schemas/source.ts';

const written = new WeakMap<readonly InlineRecord[], Buffer>();

/** Inline records as JSON, as they are kept. Written once, however many ask: they may have 60 MB. */
export function inlineBytes(records: readonly InlineRecord[]): Buffer {
  const bytes = written.get(records) ?? Buffer.from(JSON.stringify(records));
  written.set(records, bytes);
  return bytes;
}

/** A call that waits for its run holds its records long after they have been stored. */
export function forgetInlineBytes(records: readonly InlineRecord[]): void {
  written.delete(records);
}
