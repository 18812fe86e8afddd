/** A piece of SQL text. `text` is the content: a quoted name or string without its quotes. */
export interface SqlToken {
  readonly kind: 'word' | 'name' | 'string' | 'number' | 'symbol';
  readonly text: string;
  /** It is sql.slice(at, end), quotes included. */
  readonly at: number;
  readonly end: number;
  /** True when nothing stands between it and the token before. */
  readonly joined: boolean;
}

/** How a dialect quotes and comments. */
export interface SqlQuoting {
  /** Backslash escapes in strings. */
  readonly backslash: boolean;
  /** "…" is a string, not a name. */
  readonly doubleQuotedStrings: boolean;
  /** […] is a name. */
  readonly brackets: boolean;
  /** `#` begins a comment, and `--` only before a space. */
  readonly hashComments: boolean;
}

/** Thrown for text that does not scan: an open quote or comment, or a forbidden comment. */
export class SqlScanError extends Error {
  override readonly name = 'SqlScanError';
  readonly at: number;

  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const SPACE = /\s/;
const WORD_START = /[\p{L}_$]/u;
const WORD = /[\p{L}\p{N}_$]/u;

/**
 * Splits SQL into tokens and drops its comments. Fails on whatever is not closed, and on comments
 * that a server would execute or obey.
 * @throws SqlScanError
 */
export function scanSql(sql: string, quoting: SqlQuoting): SqlToken[] {
  const tokens: SqlToken[] = [];
  let i = 0;
  let joined = false;
  const add = (kind: SqlToken['kind'], text: string, end: number): void => {
    tokens.push({ kind, text, at: i, end, joined });
    i = end;
    joined = true;
  };
  while (i < sql.length) {
    const character = sql[i] as string;
    const comment = commentEnd(sql, i, quoting);
    if (SPACE.test(character)) {
      i++;
      joined = false;
    } else if (comment !== undefined) {
      i = comment;
      joined = false;
    } else if (character === "'" || (character === '"' && quoting.doubleQuotedStrings)) {
      const { text, end } = quoted(sql, i, character, quoting.backslash);
      add('string', text, end);
    } else if (character === '"' || character === '`' || (character === '[' && quoting.brackets)) {
      const { text, end } = quoted(sql, i, character === '[' ? ']' : character, false);
      add('name', text, end);
    } else if (/[0-9]/.test(character) || (character === '.' && /[0-9]/.test(sql[i + 1] ?? ''))) {
      const number = /^[0-9A-Za-z_.]+(?:(?<=[eE])[+-][0-9]+)?/.exec(sql.slice(i, i + 200)) as [
        string,
      ];
      add('number', number[0], i + number[0].length);
    } else if (WORD_START.test(character)) {
      let end = i + 1;
      while (end < sql.length && WORD.test(sql[end] as string)) end++;
      add('word', sql.slice(i, end), end);
    } else add('symbol', character, i + 1);
  }
  return tokens;
}

/** Where a comment that begins at `at` ends; undefined when none begins there. */
function commentEnd(sql: string, at: number, { hashComments }: SqlQuoting): number | undefined {
  const two = sql.slice(at, at + 2);
  if (two === '/*') {
    if (/^\/\*[!+]|^\/\*M!/i.test(sql.slice(at, at + 4))) {
      throw new SqlScanError('holds a comment that the server would act on', at);
    }
    const end = sql.indexOf('*/', at + 2);
    if (end === -1 || sql.slice(at + 2, end).includes('/*')) {
      throw new SqlScanError('holds a comment that is not closed, or one inside another', at);
    }
    return end + 2;
  }
  const dashes = two === '--' && (!hashComments || /^(\s|$)/.test(sql.slice(at + 2, at + 3)));
  if (!dashes && !(hashComments && sql[at] === '#')) return undefined;
  const end = sql.indexOf('\n', at);
  return end === -1 ? sql.length : end;
}

function quoted(sql: string, at: number, close: string, backslash: boolean) {
  let text = '';
  for (let i = at + 1; i < sql.length; i++) {
    const character = sql[i] as string;
    if (backslash && character === '\\') text += sql[++i] ?? '';
    else if (character !== close) text += character;
    else if (sql[i + 1] === close && close !== ']') text += sql[i++] as string;
    else return { text, end: i + 1 };
  }
  throw new SqlScanError('opens a quote that is never closed', at);
}
