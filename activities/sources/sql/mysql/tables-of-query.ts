import type { NamedTable } from '../allowed-tables.ts';
import { refusedQuery } from '../query-failures.ts';
import type { SqlToken } from '../sql-scanner.ts';

/** What is known inside one pair of parentheses, and outside of all. */
interface Frame {
  /** A SELECT began here, so that FROM names tables; in EXTRACT(YEAR FROM x) none did. */
  select: boolean;
  from: boolean;
  /** The next token is a table. */
  expected: boolean;
  /** Names that a WITH clause of this frame has defined so far. */
  readonly defined: Set<string>;
  with?: { recursive: boolean; name?: string; state: 'name' | 'defining' | 'after' } | undefined;
}

/** Reserved words of MySQL and MariaDB that end FROM: none of them can be an alias. */
const AFTER_FROM = /^(?:where|group|having|order|limit|union)$/;

/**
 * The tables that a checked query names, found by where in the text a table has to stand. In doubt a
 * name counts as a table. A name that a WITH clause defines is none after its definition.
 * @throws Failure QUERY_NOT_ALLOWED for forms that name tables elsewhere
 */
export function tablesOfQuery(tokens: readonly SqlToken[]): NamedTable[] {
  const found: NamedTable[] = [];
  const frames: Frame[] = [newFrame(false)];

  for (let i = 0; i < tokens.length; i++) {
    const token = tokens[i] as SqlToken;
    const frame = frames.at(-1) as Frame;
    const word = token.kind === 'word' ? token.text.toLowerCase() : '';
    if (isSymbol(token, '(')) {
      frames.push(newFrame(frame.expected));
      frame.expected = false;
    } else if (isSymbol(token, ')')) {
      const closed = frames.length > 1 ? frames.pop() : undefined;
      endDefinition(frames.at(-1) as Frame, closed);
    } else if (frame.with?.state === 'name' && word !== 'recursive') {
      nameDefinition(frame, token, tokens[i + 1]);
    } else if (frame.expected && !isNoTable(word, tokens[i + 1])) {
      i = addTable(tokens, i);
      frame.expected = false;
    } else if (!isSymbol(tokens[i - 1], '.')) {
      const window = word === 'window' && /^as$/i.test(tokens[i + 2]?.text ?? '');
      if (window) frame.from = false;
      else onToken(frame, token, word, tokens[i - 1]);
    }
  }
  return found;

  function addTable(all: readonly SqlToken[], i: number): number {
    const token = all[i] as SqlToken;
    if (token.kind !== 'word' && token.kind !== 'name') {
      throw refusedQuery('names a table in a form that is not allowed');
    }
    if (!isSymbol(all[i + 1], '.')) {
      const defined = frames.some((frame) => frame.defined.has(token.text));
      // “db .1a” scans as a number.
      if (all[i + 1]?.text.startsWith('.'))
        throw refusedQuery('names a table in a form that is not allowed');
      if (!defined) found.push({ schema: undefined, name: token.text });
      return i;
    }
    found.push({ schema: token.text, name: all[i + 2]?.text ?? '' });
    return i + 2;
  }
}

function onToken(frame: Frame, token: SqlToken, word: string, before: SqlToken | undefined): void {
  if (word === 'table')
    throw refusedQuery(
      'holds TABLE, which this connection does not take',
      'Write SELECT * FROM the table.',
    );
  if (word === 'with' && !frame.select && (before === undefined || isSymbol(before, '('))) {
    Object.assign(frame, { expected: false, from: false });
    frame.with = { recursive: false, state: 'name' };
  } else if (word === 'recursive' && frame.with?.state === 'name') frame.with.recursive = true;
  else if (word === 'select') {
    Object.assign(frame, { select: true, from: false, expected: false, with: undefined });
  } else if (word === 'from' && frame.select) Object.assign(frame, { from: true, expected: true });
  else if (word === 'join' || (word === 'straight_join' && frame.from)) frame.expected = true;
  else if (word === 'values' || word === 'dual') frame.expected = false;
  // But not in an index hint: FROM a USE INDEX FOR ORDER BY (i), b.
  else if (AFTER_FROM.test(word) && !isWord(before, 'for')) frame.from = false;
  else if (isSymbol(token, ',')) {
    if (frame.with?.state === 'after') frame.with.state = 'name';
    else if (frame.from) frame.expected = true;
  }
}

/** Reserved words that stand where a table would; LATERAL is one only before a subquery. */
function isNoTable(word: string, next: SqlToken | undefined): boolean {
  return /^(?:select|with|values|dual)$/.test(word) || (word === 'lateral' && isSymbol(next, '('));
}

function newFrame(expected: boolean): Frame {
  return { select: false, from: expected, expected, defined: new Set() };
}

/** Before AS or the names of its columns: in CYCLE a, b RESTRICT columns stand where a name would. */
function nameDefinition(frame: Frame, { text }: SqlToken, next: SqlToken | undefined): void {
  if (!frame.with) return;
  if (!isWord(next, 'as') && !isSymbol(next, '(')) {
    throw refusedQuery('holds a WITH clause in a form that is not allowed');
  }
  Object.assign(frame.with, { name: text, state: 'defining' });
  if (frame.with.recursive) frame.defined.add(text);
}

/** After the parentheses of its SELECT a name is defined; those of its columns hold none. */
function endDefinition(frame: Frame, closed: Frame | undefined): void {
  if (frame.with?.state !== 'defining' || frame.with.name === undefined) return;
  if (!closed?.select) return;
  frame.defined.add(frame.with.name);
  frame.with.state = 'after';
}

function isSymbol(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === text;
}
