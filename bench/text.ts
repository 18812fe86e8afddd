import { readFile } from 'node:fs/promises';

import type { StoredSource } from '../schemas/source.ts';
import type { Bench } from './bench.ts';
import { withFitTask, type Fitted } from './fit-task.ts';
import { timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/**
 * Of an accuracy: which of the terms that tie at the vocabulary's limit scikit-learn keeps is up to an
 * unstable sort, so a few of its 20 000 terms, and a prediction or two, differ between processors.
 */
export const TEXT_TOLERANCE = 1e-3;

/** TF-IDF and logistic regression on 50 000 training documents, against scikit-learn. */
export async function measureText(bench: Bench): Promise<Row[]> {
  const path = await bench.data('texts.json');
  const { blobs } = await bench.loadStep();
  const bytes = await readFile(path);
  const source: StoredSource = {
    kind: 'inline',
    task: 'text-classification',
    records: await blobs.putBytes('records', bytes),
    count: (JSON.parse(String(bytes)) as unknown[]).length,
  };
  const selection = { task: 'text', target: 'label', features: ['text'] } as const;
  const reference = await bench.reference();
  const comparison = await withFitTask(bench, { source, selection, kind: 'logreg_text' }, (task) =>
    takeTurns({
      what: 'TF-IDF and fit',
      rounds: bench.rounds(3),
      say: bench.say,
      ours: () => task.run(),
      other: async () => (await reference.ask({ op: 'fit_text', path })) as Fitted,
      agree: (ours, other) => agreeOn('accuracy', ours.accuracy, other.accuracy, TEXT_TOLERANCE),
    }),
  );
  const what =
    'TF-IDF + fit, 50 000 documents, 3 classes: the train step’s task, Pipeline(TfidfVectorizer, LogisticRegression).fit';
  return [timeRow(what, comparison, 0.5)];
}
