const CHUNK_BYTES = 1 << 20;
const CHUNK_OFFSETS = 1 << 16;

/** Collects texts end to end in large pieces, and the byte offset at which each begins. */
export interface TextChunks {
  append(bytes: Uint8Array, start: number, end: number): void;
  /** Takes the full pieces away. */
  take(): Uint8Array[];
  /** Takes everything that is left. */
  takeRest(): Uint8Array[];
  /** [texts + 1] in pieces; the last offset is the length of all texts. */
  offsets(): Float64Array[];
  /** Bytes in the full pieces. */
  waiting(): number;
  /** Bytes of all texts so far. */
  bytes(): number;
}

export function createTextChunks(): TextChunks {
  let full: Uint8Array[] = [];
  let chunk = new Uint8Array(0);
  let used = 0;
  let bytes = 0;
  let waiting = 0;
  const pieces: Float64Array[] = [];
  let texts = 0;

  function addOffset(offset: number): void {
    if (texts % CHUNK_OFFSETS === 0) pieces.push(new Float64Array(CHUNK_OFFSETS));
    (pieces.at(-1) as Float64Array)[texts % CHUNK_OFFSETS] = offset;
    texts++;
  }
  addOffset(0);

  return {
    append(source, start, end) {
      const length = end - start;
      if (used + length > chunk.length) {
        if (used > 0) full.push(chunk.subarray(0, used));
        waiting += used;
        chunk = new Uint8Array(Math.max(CHUNK_BYTES, length));
        used = 0;
      }
      chunk.set(source.subarray(start, end), used);
      used += length;
      bytes += length;
      addOffset(bytes);
    },
    take() {
      const taken = full;
      full = [];
      waiting = 0;
      return taken;
    },
    takeRest() {
      const taken = [...full, chunk.subarray(0, used)];
      full = [];
      waiting = 0;
      used = 0;
      chunk = new Uint8Array(0);
      return taken;
    },
    offsets() {
      const last = texts % CHUNK_OFFSETS || CHUNK_OFFSETS;
      return pieces.map((piece, i) => (i === pieces.length - 1 ? piece.subarray(0, last) : piece));
    },
    waiting: () => waiting,
    bytes: () => bytes,
  };
}
