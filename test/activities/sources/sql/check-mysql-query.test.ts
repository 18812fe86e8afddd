import { describe, expect, it } from 'vitest';

import { checkMysqlQuery } from '../../../../activities/sources/sql/mysql/check-mysql-query.ts';
import { HONEST_MYSQL, REFUSED_MYSQL } from '../queries/mysql.ts';

describe('checkMysqlQuery', () => {
  it.each(HONEST_MYSQL)('lets pass: %s', (query) => {
    expect(() => checkMysqlQuery(query)).not.toThrow();
  });

  it.each(REFUSED_MYSQL)('refuses: %s', (query) => {
    expect(() => checkMysqlQuery(query)).toThrowError(
      expect.objectContaining({ code: 'QUERY_NOT_ALLOWED' }) as Error,
    );
  });

  it('sends no comment and no semicolon, and keeps every place where it was', () => {
    const query = 'SELECT a, -- first; one\n b /* two */ # three\nFROM t;';
    const sent = checkMysqlQuery(query);
    expect(sent).not.toMatch(/first|two|three|;/);
    expect(sent.indexOf('FROM t')).toBe(query.indexOf('FROM t'));
    expect(sent.split('\n')).toHaveLength(3);
  });

  it('leaves texts and quoted names as they are', () => {
    const query = 'SELECT \'a -- b /*! c */ ; d\', `e # f`, "g @ h" FROM t';
    expect(checkMysqlQuery(query)).toBe(query);
  });
});
