import { DATA_TYPE, type DataType, type TensorMessage } from './messages.ts';

const encoder = new TextEncoder();

/** UTF-8; a lone surrogate, which UTF-8 can't hold, becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** A constant without its name, which the graph gives it. */
export type Tensor = Omit<TensorMessage, 'name'>;

/** Row-major doubles; `dims` defaults to one dimension, [] is a scalar. */
export function doubles(values: ArrayLike<number>, dims = [values.length]): Tensor {
  const bytes = littleEndian(values.length, (view, i) =>
    view.setFloat64(i * 8, values[i] as number, true),
  );
  return tensor('double', dims, bytes);
}

/** Whole numbers; `dims` as in {@link doubles}. @throws RangeError for a fraction */
export function integers(values: readonly number[], dims = [values.length]): Tensor {
  const bytes = littleEndian(values.length, (view, i) => {
    view.setBigInt64(i * 8, BigInt(values[i] as number), true);
  });
  return tensor('int64', dims, bytes);
}

/** Truth values in one dimension, a byte each. */
export function booleans(values: readonly boolean[]): Tensor {
  return tensor('bool', [values.length], Uint8Array.from(values, Number));
}

/** Strings; `dims` as in {@link doubles}. */
export function strings(values: readonly string[], dims = [values.length]): Tensor {
  return { dims, dataType: DATA_TYPE.string, stringData: values.map(utf8) };
}

function tensor(type: DataType, dims: readonly number[], rawData: Uint8Array): Tensor {
  return { dims, dataType: DATA_TYPE[type], rawData };
}

/** raw_data is little-endian by specification, whatever this machine is. */
function littleEndian(count: number, write: (view: DataView, index: number) => void): Uint8Array {
  const bytes = new Uint8Array(count * 8);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) write(view, i);
  return bytes;
}
