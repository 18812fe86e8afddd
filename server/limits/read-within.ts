/** Reads a body of at most so many bytes; of a longer one no more than that. */
export async function readWithin(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | 'too large' | 'broken off'> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Buffer.concat(pieces);
      size += value.byteLength;
      if (size > maxBytes) return 'too large';
      pieces.push(value);
    }
  } catch {
    return 'broken off';
  } finally {
    reader.releaseLock();
  }
}
