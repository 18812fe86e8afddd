/**
 * Reads a body as far as `maxBytes`; what comes after is not fetched.
 * @returns the bytes, and whether that was all of them
 */
export async function readBounded(
  response: Response,
  maxBytes: number,
): Promise<{ bytes: Buffer; whole: boolean }> {
  if (response.body === null) return { bytes: Buffer.alloc(0), whole: true };
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the stream, which closes the connection.
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size > maxBytes) break;
  }
  const bytes = Buffer.concat(chunks);
  return size > maxBytes
    ? { bytes: bytes.subarray(0, maxBytes), whole: false }
    : { bytes, whole: true };
}
