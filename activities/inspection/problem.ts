import type { FailureCode } from '../../schemas/failure.ts';
import type { Problem } from '../../schemas/inspection.ts';
import type { StoredSource } from '../../schemas/source.ts';
import type { FailureWords } from '../sources/source-refused.ts';

/** The parts of a request that a refusal may be about. */
export type Part = 'place' | 'query' | 'features' | 'target' | 'rows' | 'params';

const PARTS: Partial<Record<FailureCode, readonly Part[]>> = {
  QUERY_NOT_ALLOWED: ['query'],
  QUERY_FAILED: ['query'],
  QUERY_TIMEOUT: ['query'],
  INVALID_REQUEST: ['features'],
  COLUMN_NOT_FOUND: ['features'],
  COLUMN_NOT_NUMERIC: ['features'],
  COLUMN_NOT_TEXT: ['features'],
  MISSING_VALUES: ['features'],
  VALUE_OUT_OF_RANGE: ['features'],
  EMPTY_VOCABULARY: ['features'],
  MIXED_LABELS: ['target'],
  TOO_MANY_CLASSES: ['target'],
  ONE_CLASS: ['target'],
  CLASS_TOO_SMALL: ['target'],
  NO_ROWS: ['rows'],
  ROW_LIMIT: ['rows'],
  TOO_FEW_ROWS: ['rows', 'params'],
  MEMORY_LIMIT: ['rows'],
};

/** A failure as a problem of the request. @param parts where the code alone does not tell */
export function problemOf(
  { code, message, hint }: FailureWords,
  { kind }: StoredSource,
  parts: readonly Part[] = PARTS[code] ?? ['place'],
): Problem {
  const fields = parts.map((part) => fieldOf(part, kind));
  return { code, field: [...new Set(fields)].join(', '), message, hint };
}

function fieldOf(part: Part, kind: StoredSource['kind']): string {
  if (part === 'params') return 'params.test_size';
  if (kind === 'inline') return 'source.records';
  switch (part) {
    case 'query':
    case 'rows':
      return kind === 'sql' ? 'source.query' : 'source.path';
    case 'place':
      return kind === 'sql' ? 'source.conn' : 'source.path';
    default:
      return `source.${part}`;
  }
}
