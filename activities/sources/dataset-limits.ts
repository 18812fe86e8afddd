import { Failure } from '../../schemas/failure.ts';
import type { SourceLimits } from './source-types.ts';

/** Which limit is exceeded by so many rows, so many bytes as they are loaded, or by the time. */
export function exceededLimit(
  { maxRows, maxBytes, readUntil = Infinity }: SourceLimits,
  { rows, bytes }: { readonly rows: number; readonly bytes: number },
): Failure | undefined {
  if (rows > maxRows) {
    return new Failure(
      'ROW_LIMIT',
      `The source has more than ${maxRows} rows.`,
      'Select fewer rows, or raise max_rows in limits up to the server’s own limit.',
    );
  }
  if (bytes > maxBytes) {
    return new Failure(
      'BYTE_LIMIT',
      `The loaded rows take more than ${maxBytes} bytes.`,
      'Select fewer rows or columns, or raise max_bytes in limits up to the server’s own limit.',
    );
  }
  if (Date.now() <= readUntil) return undefined;
  return new Failure('TIME_LIMIT', 'The time for reading is over.', 'Give a smaller source.');
}
