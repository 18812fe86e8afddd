import type { Column, DatasetRef, Selection } from '../../schemas/dataset.ts';
import type { StoredSource } from '../../schemas/source.ts';

/** What a source may cost at most. */
export interface SourceLimits {
  readonly maxRows: number;
  /** Of the file as it lies there, and of the rows as they are loaded. */
  readonly maxBytes: number;
  readonly maxColumns: number;
  readonly maxClasses: number;
  /** For a query, and for the reading of a file. */
  readonly queryTimeoutSeconds: number;
  /** Ends a reading that is only for looking: milliseconds since the epoch. */
  readonly readUntil?: number;
}

export interface ReadContext {
  /** Whose folders and connections are seen; the default tenant's when left out. */
  readonly tenant?: string | undefined;
  readonly signal: AbortSignal;
  /** A folder of its own for temporary files. */
  readonly scratch: string;
  readonly onProgress: (progress: { readonly rows: number }) => void;
  /** What a process that read for this has used. */
  readonly onSpent?: (used: { readonly cpuSeconds: number; readonly peakBytes: number }) => void;
  readonly limits: SourceLimits;
}

export interface DescribedSource {
  readonly columns: Column[];
  /** Names of the feature columns, in order. */
  readonly features: string[];
  /** The source in one line, without secrets. */
  readonly display: string;
}

/** A dataset that lies in a local file and has yet to become a blob. */
export type LoadedDataset = Omit<DatasetRef, 'blob'>;

export interface SourceReader {
  /** All columns of the source, whatever is selected. @throws Failure with the code of what is wrong */
  columns(source: StoredSource, selection: Selection, context: ReadContext): Promise<Column[]>;
  /**
   * Shape, permission, existence, column names and declared types. Never a value.
   * @throws Failure with the code of what is wrong
   */
  describe(
    source: StoredSource,
    selection: Selection,
    context: ReadContext,
  ): Promise<DescribedSource>;
  /**
   * Copies and hashes the source, checks its values, and writes a dataset in the array format to
   * `path`, which must not exist.
   * @throws Failure with the code of what is wrong; then nothing is left at `path`
   */
  load(
    source: StoredSource,
    selection: Selection,
    context: ReadContext,
    path: string,
  ): Promise<LoadedDataset>;
  /**
   * SHA-256 (hex) of the source's bytes, as `load` would give it, before anything is parsed; null for
   * a source that has no bytes of its own (SQL). @throws Failure
   */
  digest(source: StoredSource, context: ReadContext): Promise<string | null>;
  /** Ends the waiting reader process; readings that run go on. */
  close(): Promise<void>;
}
