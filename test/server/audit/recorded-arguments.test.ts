import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { runExperimentSchema } from '../../../schemas/request.ts';
import { namesOnly, redacted } from '../../../server/audit/recorded-arguments.ts';
import { inlineBytes } from '../../../server/experiments/inline-bytes.ts';

const parsed = (source: object, more: object = {}) =>
  runExperimentSchema.parse({ experiment_name: 'demo', source, ...more });
const sql = { kind: 'sql', query: 'SELECT 1', target: 'y' };

describe('recorded arguments', () => {
  it('hold no password, in whatever form a connection is written', () => {
    const written = ['postgresql://ann:s3cret@db:5432/sales', 's3cret at db', 'mysql://s3cret'];
    const shown = written.map((conn) => redacted(parsed({ ...sql, conn })));
    expect(JSON.stringify(shown)).not.toContain('s3cret');
    expect(shown[0]?.value).toMatchObject({
      source: { ...sql, conn: 'postgresql://ann@db:5432/sales' },
    });
    expect(redacted(parsed({ ...sql, conn: 'warehouse' })).value).toMatchObject({
      source: { conn: 'warehouse' },
    });
  });

  it('hold the hash of inline records, which are written as JSON once', () => {
    const records = [
      { text: 'private words', label: 'a' },
      { text: 'others', label: 'b' },
    ];
    const args = parsed({ kind: 'inline', records });
    const { value, bytes } = redacted(args);
    const json = JSON.stringify(records);
    const sha256 = createHash('sha256').update(json).digest('hex');
    expect(value).toMatchObject({ source: { kind: 'inline', records: { count: 2, sha256 } } });
    expect(JSON.stringify(value)).not.toContain('private words');
    expect(bytes).toBeGreaterThan(json.length);
    if (args.source.kind !== 'inline') throw new Error();
    expect(inlineBytes(args.source.records)).toBe(inlineBytes(args.source.records));
  });

  it('name an MLflow server without what opens it', () => {
    const uri = 'https://ann:s3cret@mlflow.example:5000/path?token=s3cret#s3cret';
    const { value } = redacted(parsed({ ...sql, conn: 'x' }, { tracking_uri: uri }));
    expect(value).toMatchObject({ tracking_uri: 'https://mlflow.example:5000/path' });
    expect(redacted({ tracking_uri: 's3cret' }).value).toEqual({ tracking_uri: '(unreadable)' });
  });

  it('that no schema has seen are no more than names', () => {
    const args = { password: 's3cret', source: { conn: 's3cret' }, ['k'.repeat(5000)]: 1 };
    const { value, bytes } = namesOnly(args);
    expect(value).toEqual({ fields: ['password', 'source', 'k'.repeat(100)] });
    expect(bytes).toBe(JSON.stringify(args).length);
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`f${i}`, i]));
    expect((namesOnly(many).value as { fields: string[] }).fields).toHaveLength(50);
    for (const none of [null, undefined, 7]) {
      expect(namesOnly(none).value).toEqual({ fields: [] });
    }
  });
});
