import { describe, expect, it } from 'vitest';

import {
  displayOf,
  isConnectionString,
  parseConnectionString,
} from '../../../platform/connections/connection-string.ts';

const server = {
  kind: 'postgresql',
  host: 'db',
  port: 5432,
  database: 'd',
  user: 'u',
  password: '',
  tls: 'prefer',
};

describe('parseConnectionString', () => {
  it.each([
    [
      'postgresql+psycopg://demo:demo@localhost:5432/demo',
      { host: 'localhost', database: 'demo', user: 'demo', password: 'demo' },
    ],
    ['postgresql://u@db/d', {}],
    ['postgres://u@db/d', {}],
    ['postgresql+psycopg2://u:p@db/d', { password: 'p' }],
    ['postgresql://u:p%40s%3As%2F@db:6000/d', { password: 'p@s:s/', port: 6000 }],
    ['postgresql://u:a:b/c@db/d', { password: 'a:b/c' }],
    ['postgresql://us%40er:p@db/d', { user: 'us@er', password: 'p' }],
    ['postgresql://u@[2001:db8::1]:5433/d', { host: '2001:db8::1', port: 5433 }],
    ['postgresql://u@db/d?sslmode=require', { tls: 'require' }],
    ['postgresql://u@db/d?sslmode=disable', { tls: 'disable' }],
    ['postgresql://u@db/d?sslmode=verify-full', { tls: 'verify-full' }],
    ['mysql+pymysql://u:p@db/d', { kind: 'mysql', port: 3306, password: 'p' }],
    ['mysql+mysqldb://u@db:3307/d?charset=utf8mb4', { kind: 'mysql', port: 3307 }],
    ['mysql://u@db/d', { kind: 'mysql', port: 3306 }],
    ['mariadb://u@db/d', { kind: 'mysql', port: 3306 }],
  ])('reads %s', (text, expected) => {
    expect(parseConnectionString(text)).toEqual({ ...server, ...expected });
  });

  it('reads SQLite paths as SQLAlchemy does: three slashes relative, four absolute', () => {
    expect(parseConnectionString('sqlite:///demo.sqlite')).toEqual({
      kind: 'sqlite',
      path: 'demo.sqlite',
    });
    expect(parseConnectionString('sqlite:///sub/demo.db')).toEqual({
      kind: 'sqlite',
      path: 'sub/demo.db',
    });
    expect(parseConnectionString('sqlite:////data/demo.db')).toEqual({
      kind: 'sqlite',
      path: '/data/demo.db',
    });
    expect(parseConnectionString('sqlite+pysqlite:///x.db')).toEqual({
      kind: 'sqlite',
      path: 'x.db',
    });
  });

  it.each([
    'postgresql://u:p@db/d?sslcert=/etc/passwd',
    'postgresql://u:p@db/d?sslrootcert=/etc/passwd&sslmode=require',
    'postgresql://u:p@db/d?host=/var/run/postgresql',
    'postgresql://u:p@db/d?host=169.254.169.254',
    'postgresql://u:p@db/d?options=-c%20search_path=x',
    'postgresql://u:p@db/d?sslmode=verify-ca-if-you-like',
    'postgresql://u:p@db/d?charset=utf8',
    'mysql://u:p@db/d?multipleStatements=true',
    'mysql://u:p@db/d?flags=+LOCAL_FILES',
    'mysql://u:p@db/d?ssl={"rejectUnauthorized":false}',
    'mysql+pymysql://u:p@db/d?unix_socket=/tmp/s',
    'mysql+pymysql://u:p@db/d?read_default_file=/etc/my.cnf',
    'mysql://u:p@db/d?charset=gbk',
    'postgresql://u:p@db1,db2/d',
    'postgresql://u:p@%2Fvar%2Frun/d',
    'postgresql://u:p@db;x/d',
    'postgresql://u:p@[fe80::1%25eth0]/d',
    'postgresql://u:p@/d',
    'sqlite:///file:x.db?mode=rwc',
    'sqlite:///x.db?mode=rwc',
    'sqlite:///:memory:',
    'sqlite:///',
  ])('refuses %s', (text) => {
    expect(() => parseConnectionString(text)).toThrowError(
      expect.objectContaining({ code: 'CONNECTION_NOT_ALLOWED' }) as Error,
    );
  });

  it.each([
    'socket:/tmp/x',
    'oracle://u:p@db/d',
    'http://u:p@db/d',
    'file:///etc/passwd',
    'POSTGRESQL://u@db/d',
    'postgresql:/u@db/d',
    'postgresql://db/d',
    'postgresql://u@db',
    'postgresql://u@db/',
    'postgresql://u@db:99999/d',
    'postgresql://u@db:0/d',
    'postgresql://u@db:5x/d',
    'postgresql://u:%zz@db/d',
    'postgresql://u:pa@ss/word@db/d',
    'mysql://u:pa@ss:1/word@db/d',
    'postgresql://u:%00@db/d',
    'postgresql://u:p@db/d\nhost=x',
    'sqlite://',
    'sqlite:x.db',
    'postgresql://u:' + 'p'.repeat(3_000) + '@db/d',
    '',
  ])('can’t read %s', (text) => {
    expect(() => parseConnectionString(text)).toThrowError(
      expect.objectContaining({ code: 'INVALID_REQUEST' }) as Error,
    );
  });

  it('repeats no part of the string in its messages', () => {
    for (const text of [
      'postgresql://u:hunter2@db:x/d',
      'postgresql://u:hunter2@a,b/d',
      'x://u:hunter2@db/d?hunter2=hunter2',
      'mysql://u:p@db/d?hunter2=1',
    ]) {
      try {
        parseConnectionString(text);
        expect.unreachable();
      } catch (error) {
        expect(
          String((error as Error).message) + String((error as { hint?: string }).hint),
        ).not.toContain('hunter2');
      }
    }
  });
});

describe('displayOf', () => {
  it('shows all but the password', () => {
    expect(displayOf('postgresql+psycopg://us%40er:hunter2@db/sales?sslmode=require')).toBe(
      'postgresql://us%40er@db:5432/sales',
    );
    expect(displayOf('mariadb://u:hunter2@[::1]:3307/d')).toBe('mysql://u@[::1]:3307/d');
    expect(displayOf('sqlite:////data/x.db')).toBe('sqlite:////data/x.db');
  });
});

describe('isConnectionString', () => {
  it('tells strings from names', () => {
    expect(isConnectionString('sqlite:///x.db')).toBe(true);
    expect(isConnectionString('socket:/tmp')).toBe(true);
    expect(isConnectionString('sales_ro.v2')).toBe(false);
  });
});
