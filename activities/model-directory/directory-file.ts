/** A file of a directory that is to be uploaded; `path` is relative and has '/' between folders. */
export interface DirectoryFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

const encoder = new TextEncoder();

export function textFile(path: string, text: string): DirectoryFile {
  return { path, bytes: encoder.encode(text) };
}
