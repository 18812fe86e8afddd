const COLUMNS = { features: ['f1', 'f2', 'f3'] };
const TEXTS = ['storm warning', 'clear skies'].flatMap((text, i) =>
  Array.from({ length: 4 }, (_, n) => ({ text: `${text} ${n}`, label: 1 - i })),
);

/** One of each kind, as the profile `demo` of docker-compose.yml has them. */
export const DEMO_SOURCES = {
  file: { kind: 'file', path: 'train.csv', format: 'csv', ...COLUMNS, target: 'label' },
  sql: {
    kind: 'sql',
    conn: 'demo',
    query: 'SELECT * FROM training_table',
    ...COLUMNS,
    target: 'y',
  },
  inline: { kind: 'inline', records: TEXTS },
};
