/** Arrays in memory that threads share. */

export const sharedFloats = (length: number): Float64Array =>
  new Float64Array(new SharedArrayBuffer(8 * length));

export const sharedInts = (length: number): Int32Array =>
  new Int32Array(new SharedArrayBuffer(4 * length));

/** The array itself when its memory can be shared, else a copy that can. */
export function shared<Values extends Float64Array | Int32Array>(values: Values): Values {
  if (values.buffer instanceof SharedArrayBuffer) return values;
  const copy =
    values instanceof Float64Array ? sharedFloats(values.length) : sharedInts(values.length);
  copy.set(values);
  return copy as Values;
}
