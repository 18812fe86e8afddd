import type { Column, Selection } from '../../../schemas/dataset.ts';
import type { Evidence, FailureWords } from '../source-refused.ts';
import type { LoadedDataset, SourceLimits } from '../source-types.ts';

/** A reading: from which local file, what of it, within which limits, and where the dataset goes. */
export interface FileLoad {
  /** The private copy of the source. */
  readonly path: string;
  /** Its size in bytes when it is complete; given when reading may begin while it is still being made. */
  readonly bytes?: number;
  readonly selection: Selection;
  readonly limits: SourceLimits;
  /** Where the dataset file goes; it must not exist. */
  readonly output: string;
}

export interface QueryLoad extends FileLoad {
  readonly query: string;
  /** The only tables and views that it may name. */
  readonly tables?: readonly string[] | undefined;
}

/** What a reader process may use. */
export interface ReaderResources {
  readonly memoryBytes: number;
  readonly threads: number;
}

/** Work for a reader process. `folder` is where it may put temporary files; it becomes its own. */
export type ReaderJob = {
  readonly folder: string;
  readonly resources: ReaderResources;
  /** How long it may take. */
  readonly seconds: number;
} & (
  | { readonly kind: 'csv-load'; readonly load: FileLoad }
  | { readonly kind: 'records-load'; readonly load: FileLoad }
  | { readonly kind: 'parquet-describe'; readonly path: string }
  | { readonly kind: 'parquet-load'; readonly load: FileLoad }
  | ({ readonly kind: 'sqlite-describe' } & Pick<QueryLoad, 'path' | 'query' | 'tables'>)
  | { readonly kind: 'sqlite-load'; readonly load: QueryLoad }
);

/** What each kind of job answers with. */
export type LoadResult = Omit<LoadedDataset, 'sourceSha256'>;
export type ReaderResult<Job extends ReaderJob> = Job['kind'] extends `${string}-describe`
  ? Column[]
  : LoadResult;

/** What a reader process has used in its life. */
export interface ReaderUse {
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

/** Messages from a reader process. */
export type ReaderMessage =
  | { readonly rows: number }
  | { readonly result: Column[] | LoadResult; readonly used: ReaderUse }
  | { readonly failure: FailureWords; readonly evidence?: Evidence };
