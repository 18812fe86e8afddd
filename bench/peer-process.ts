// The peers from npm in a process of their own, because they read a .env file and print:
// answers each message {task, input} of its parent with {seconds, accuracy}.
import { createRequire } from 'node:module';
import { join } from 'node:path';

import type { PeerAnswer, PeerMessage, TablePeerInput, TextPeerInput } from './peer-tasks.ts';

/** As far as we use them: the packages bring no types, or are not there when types are checked. */
interface Matrix {
  readonly rows: number;
}
interface MatrixClass {
  new (rows: readonly (readonly number[])[]): Matrix;
  columnVector(values: readonly number[]): Matrix;
}
type LogisticRegression = new (options: { numSteps: number; learningRate: number }) => {
  train(x: Matrix, y: Matrix): void;
  predict(x: Matrix): number[];
};
interface Natural {
  readonly TfIdf: new () => {
    addDocument(text: string): void;
    listTerms(document: number): readonly { readonly tfidf: number }[];
  };
  readonly LogisticRegressionClassifier: new () => {
    addDocument(text: string, label: string): void;
    train(): void;
    classify(text: string): string;
  };
}

const load = createRequire(join(process.cwd(), 'package.json'));

function regression({ train, test, steps, learningRate }: TablePeerInput): PeerAnswer {
  const { Matrix: matrixClass } = load('ml-matrix') as { Matrix: MatrixClass };
  const model = load('ml-logistic-regression') as LogisticRegression;
  const fitted = new model({ numSteps: steps, learningRate });
  const x = new matrixClass(train.x);
  const y = matrixClass.columnVector(train.y);
  const startedAt = performance.now();
  fitted.train(x, y);
  const seconds = (performance.now() - startedAt) / 1000;
  const predicted = fitted.predict(new matrixClass(test.x));
  return { seconds, accuracy: share(test.y, predicted) };
}

function tfidf({ train }: TextPeerInput): PeerAnswer {
  const { TfIdf } = load('natural') as Natural;
  const startedAt = performance.now();
  const model = new TfIdf();
  for (const { text } of train) model.addDocument(text);
  train.forEach((_, document) => model.listTerms(document));
  return { seconds: (performance.now() - startedAt) / 1000 };
}

function textClassifier({ train, test }: TextPeerInput): PeerAnswer {
  const { LogisticRegressionClassifier } = load('natural') as Natural;
  const startedAt = performance.now();
  const model = new LogisticRegressionClassifier();
  for (const { text, label } of train) model.addDocument(text, label);
  model.train();
  const seconds = (performance.now() - startedAt) / 1000;
  const predicted = test.map(({ text }) => model.classify(text));
  const labels = test.map(({ label }) => label);
  return { seconds, accuracy: share(labels, predicted) };
}

/** The part of the values that are the same. */
function share<T>(actual: readonly T[], predicted: readonly T[]): number {
  return actual.filter((value, i) => value === predicted[i]).length / actual.length;
}

process.on('message', (message: PeerMessage) => {
  switch (message.task) {
    case 'regression':
      return process.send?.(regression(message.input));
    case 'tfidf':
      return process.send?.(tfidf(message.input));
    case 'text-classifier':
      return process.send?.(textClassifier(message.input));
  }
});
