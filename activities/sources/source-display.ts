import type { StoredSource } from '../../schemas/source.ts';

const FORMATS = { csv: 'CSV', parquet: 'Parquet' } as const;

/** The source in one line, without secrets. */
export function sourceDisplay(source: StoredSource): string {
  switch (source.kind) {
    case 'file':
      return `${FORMATS[source.format]} file ${source.path}`;
    case 'inline':
      return `${source.count} inline records`;
    case 'sql':
      return 'name' in source.conn ? `connection ${source.conn.name}` : source.conn.display;
  }
}
