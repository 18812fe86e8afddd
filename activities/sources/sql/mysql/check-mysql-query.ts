import type { AllowedTables } from '../allowed-tables.ts';
import { refusedFunction, refusedQuery, refusedTable } from '../query-failures.ts';
import { scanSql, SqlScanError, type SqlToken } from '../sql-scanner.ts';
import {
  MYSQL_BEFORE_PARENTHESIS,
  MYSQL_FUNCTIONS,
  MYSQL_REFUSED_WORDS,
  MYSQL_SYSTEM_SCHEMAS,
} from './allowed-functions.ts';
import { tablesOfQuery } from './tables-of-query.ts';

/** As sessions are set up: backslash escapes, "…" is a string, `…` a name. */
const QUOTING = {
  backslash: true,
  doubleQuotedStrings: true,
  brackets: false,
  hashComments: true,
} as const;

/** MySQL reads 1.FROM and 1e1FROM as a number and a word, and 1a as a name. */
const NUMBER = /^(?:0x[0-9a-f]+|0b[01]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i;
const SYMBOLS = /^[-+*/%^&|~!=<>(),.]$/;

/**
 * Checks a query for MySQL or MariaDB token by token and fails on all that is not listed. The
 * grammar itself is the server's: the result is prepared, which takes exactly one statement, before
 * it runs in a read-only transaction.
 * @param allowed the only tables that it may read; any when left out
 * @returns the query with spaces in place of its comments, so that places in it stay the same
 * @throws Failure QUERY_NOT_ALLOWED
 */
export function checkMysqlQuery(query: string, allowed?: AllowedTables): string {
  const tokens = tokensOf(query);
  while (tokens.at(-1)?.text === ';' && tokens.at(-1)?.kind === 'symbol') tokens.pop();
  checkStart(tokens);
  tokens.forEach((token, i) => checkToken(tokens, token, i));
  if (allowed) checkTables(tokens, allowed);
  let end = 0;
  const kept = tokens.map((token) => {
    const gap = blank(query.slice(end, token.at));
    end = token.end;
    return gap + query.slice(token.at, token.end);
  });
  return kept.join('');
}

function checkTables(tokens: readonly SqlToken[], allowed: AllowedTables): void {
  for (const table of tablesOfQuery(tokens)) {
    const { schema = allowed.standardSchema, name } = table;
    if (!allowed.has(schema, name)) throw allowed.refusal(table);
  }
}

function blank(gap: string): string {
  return gap.replace(/[^\n]/g, ' ');
}

function tokensOf(query: string): SqlToken[] {
  if (query.includes('\0')) throw refusedQuery('holds a NUL character');
  try {
    return scanSql(query, QUOTING);
  } catch (error) {
    throw error instanceof SqlScanError ? refusedQuery(error.message) : error;
  }
}

function checkStart(tokens: readonly SqlToken[]): void {
  const first = tokens.find(({ text }) => text !== '(');
  if (!first) throw refusedQuery('is empty');
  if (first.kind !== 'word' || !/^(?:select|with)$/i.test(first.text)) {
    throw refusedQuery('is not a SELECT');
  }
}

function checkToken(tokens: readonly SqlToken[], token: SqlToken, i: number): void {
  switch (token.kind) {
    case 'symbol':
      return checkSymbol(token);
    case 'word':
      checkWord(tokens, token, i);
      return checkName(tokens, token, i);
    case 'name':
      if (isSymbol(tokens[i + 1], '(')) throw refusedFunction(token.text);
      return checkName(tokens, token, i);
    case 'number':
      if (!NUMBER.test(token.text))
        throw refusedQuery('writes a number and a word without a space');
      return;
    case 'string':
      return;
  }
}

function checkSymbol({ text }: SqlToken): void {
  if (text === ';') throw refusedQuery('holds more than one statement');
  if (text === '@') throw refusedQuery('uses variables');
  if (text === '?') throw refusedQuery('holds a parameter (?)');
  if (!SYMBOLS.test(text)) throw refusedQuery(`holds the character “${text}” outside of a text`);
}

function checkWord(tokens: readonly SqlToken[], token: SqlToken, i: number): void {
  const word = token.text.toLowerCase();
  // After a dot it is a column, whatever its name.
  const isColumn = isSymbol(tokens[i - 1], '.');
  const refusal = MYSQL_REFUSED_WORDS.get(word);
  if (refusal !== undefined && !isColumn) throw refusedQuery(refusal);
  if (/^(?:next|previous)$/.test(word) && isWord(tokens[i + 1], 'value')) {
    throw refusedQuery('advances a sequence');
  }
  if (!isSymbol(tokens[i + 1], '(')) return;
  if (isColumn) throw refusedFunction(token.text);
  if (MYSQL_FUNCTIONS.has(word) || MYSQL_BEFORE_PARENTHESIS.has(word)) return;
  if (!namesColumns(tokens, i)) throw refusedFunction(token.text);
}

/** True for “WITH name (a, b) AS (” and for an alias, “AS name (a, b)”. */
function namesColumns(tokens: readonly SqlToken[], i: number): boolean {
  if (isWord(tokens[i - 1], 'as')) return true;
  let close = i + 2;
  // Only a flat list of names is a list of columns.
  while (
    tokens[close]?.kind === 'word' ||
    tokens[close]?.kind === 'name' ||
    isSymbol(tokens[close], ',')
  ) {
    close++;
  }
  const before = tokens[i - 1];
  const begins = isWord(before, 'with') || isWord(before, 'recursive') || isSymbol(before, ',');
  return (
    begins &&
    isSymbol(tokens[close], ')') &&
    isWord(tokens[close + 1], 'as') &&
    isSymbol(tokens[close + 2], '(')
  );
}

function checkName(tokens: readonly SqlToken[], { text }: SqlToken, i: number): void {
  if (isSymbol(tokens[i + 1], '.') && MYSQL_SYSTEM_SCHEMAS.has(text.toLowerCase())) {
    throw refusedTable(text);
  }
}

function isSymbol(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'symbol' && token.text === text;
}

function isWord(token: SqlToken | undefined, text: string): boolean {
  return token?.kind === 'word' && token.text.toLowerCase() === text;
}
