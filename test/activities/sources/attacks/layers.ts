/** What came of an attack. */
export interface Outcome {
  /** What the server answered, as text. */
  readonly output: string;
  readonly error?: unknown;
}

/** A query that does harm where nothing stops it. */
export interface Payload {
  readonly sql: string;
  /** The letters of the layers that stop it, each by itself. */
  readonly stops: string;
  /** What it costs, or that it runs at all, is its harm. */
  readonly runs: boolean;
  /** It would run on for hours. */
  readonly endless: boolean;
  /** It is made to break out of what a layer wraps around it: by itself it means nothing. */
  readonly escapes: boolean;
}

/** Reads rows of [letters, SQL]; after the letters “!” says that running is the harm, “+” that it never ends, “~” that it escapes. */
export function payloads(rows: readonly (readonly [stops: string, sql: string])[]): Payload[] {
  return rows.map(([letters, sql]) => ({
    sql,
    stops: letters.replace(/[!+~]/, ''),
    runs: /[!+]/.test(letters),
    endless: letters.endsWith('+'),
    escapes: letters.endsWith('~'),
  }));
}
