/**
 * Numbers labels by first appearance while rows stream by. Labels come as UTF-8 bytes and become
 * strings once each, not once a row.
 */
export interface LabelTable {
  /** The number of the label bytes[start, end), counted from 0. */
  codeOf(bytes: Uint8Array, start: number, end: number): number;
  /** Distinct labels so far. */
  size(): number;
  /** The labels by code. @throws TypeError when their bytes are not UTF-8 */
  texts(): string[];
}

/** A hash table with linear probing; slots hold code + 1. */
export function createLabelTable(): LabelTable {
  let slots = new Int32Array(1024);
  let hashes = new Int32Array(256);
  let starts = new Int32Array(257);
  let store = new Uint8Array(4096);
  let size = 0;

  function equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    let at = starts[code] as number;
    if ((starts[code + 1] as number) - at !== end - start) return false;
    for (let i = start; i < end; i++) if (bytes[i] !== store[at++]) return false;
    return true;
  }

  function place(code: number, hash: number): void {
    const mask = slots.length - 1;
    let slot = hash & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = code + 1;
  }

  function add(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const at = starts[size] as number;
    store = grown(store, at + end - start);
    store.set(bytes.subarray(start, end), at);
    starts = grown(starts, size + 2);
    starts[size + 1] = at + end - start;
    hashes = grown(hashes, size + 1);
    hashes[size] = hash;
    if (2 * (size + 1) > slots.length) {
      slots = new Int32Array(2 * slots.length);
      for (let code = 0; code < size; code++) place(code, hashes[code] as number);
    }
    place(size, hash);
    return size++;
  }

  return {
    codeOf(bytes, start, end) {
      // FNV-1a, 32 bits.
      let hash = 0x811c9dc5;
      for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] as number), 0x01000193);
      const mask = slots.length - 1;
      for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
        const code = (slots[slot] as number) - 1;
        if (code < 0) return add(hash, bytes, start, end);
        if (hashes[code] === hash && equals(code, bytes, start, end)) return code;
      }
    },
    size: () => size,
    texts() {
      const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
      return Array.from({ length: size }, (_, code) =>
        decoder.decode(store.subarray(starts[code], starts[code + 1])),
      );
    },
  };
}

/** The array itself when it has room for `length` elements, else a copy with at least twice the room. */
function grown<T extends Int32Array | Uint8Array>(array: T, length: number): T {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => T)(
    Math.max(length, 2 * array.length),
  );
  larger.set(array);
  return larger;
}
