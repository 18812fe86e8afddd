import type { ProvidedDatabase } from '../support/provided.ts';

/** Stands in every run from PostgreSQL, and may be found nowhere afterwards. */
export const CANARY = 'canary-7f3b9e21';

export const KINDS = ['csv', 'sqlite', 'texts', 'postgres', 'registered'] as const;
export type Kind = (typeof KINDS)[number];

/** One experiment of each kind; `big` is a query that PostgreSQL works on for about a second. */
export function requestOf(kind: Kind | 'big', postgres: ProvidedDatabase): object {
  switch (kind) {
    case 'csv':
      return { source: { kind: 'file', path: 'train.csv', target: 'label' } };
    case 'registered':
      return {
        ...requestOf('csv', postgres),
        params: { C: 2 },
        register: { model_name: 'faults' },
      };
    case 'sqlite':
      return sql('sqlite:///demo.sqlite', 'SELECT * FROM training_table');
    case 'texts':
      return { source: { kind: 'inline', records: TEXTS } };
    case 'postgres':
      return sql(connectionString(postgres), 'SELECT * FROM training_table');
    case 'big':
      return sql(
        connectionString(postgres),
        'SELECT a.f1, b.f2, a.f3, b.y FROM training_table a CROSS JOIN training_table b',
      );
  }
}

const TEXTS = Array.from({ length: 60 }, (_, i) => ({
  text: `${i % 3 === 0 ? 'flood' : 'picnic'} number ${i}`,
  label: i % 3 === 0 ? 'hazard' : 'calm',
}));

const sql = (conn: string, query: string) => ({
  source: { kind: 'sql', conn, query, target: 'y' },
});

const connectionString = ({ user, host, port, database }: ProvidedDatabase): string =>
  `postgresql://${user}:${CANARY}@${host}:${port}/${database}`;
