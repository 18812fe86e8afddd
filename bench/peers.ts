import { readFile } from 'node:fs/promises';

import { encodeLabels } from '../learning/labels/encode-labels.ts';
import { denseMatrix } from '../learning/matrix/matrix.ts';
import { MODELS } from '../learning/models.ts';
import { createRandomState } from '../learning/random/random-state.ts';
import { fitTfidf } from '../learning/tfidf/tfidf.ts';
import type { Bench } from './bench.ts';
import { PEERS, withPeers, type AskPeer } from './peer-packages.ts';
import type { PeerAnswer, TablePeerInput, TextPeerInput } from './peer-tasks.ts';
import { timeRow, type Row } from './results.ts';
import { takeTurns } from './side-by-side.ts';

const COLUMNS = 20;
const TABLE_ROWS = { train: 2000, test: 1000 };
const TEXT_ROWS = { train: 400, test: 200 };
/** natural's classifier takes time with the third power of the documents. */
const CLASSIFIER_ROWS = { train: 120, test: 200 };

/** What comes from npm for the same tasks, at sizes that it can do. Its models are others than ours: no agreement is asked. */
export async function measurePeers(bench: Bench): Promise<Row[]> {
  const documents = await readFile(await bench.data('texts.json'), 'utf8');
  const texts = JSON.parse(documents) as TextPeerInput['train'];
  return withPeers(bench, async (ask) => [
    await regressionRow(bench, ask),
    await tfidfRow(bench, ask, firstTexts(texts, TEXT_ROWS)),
    await classifierRow(bench, ask, firstTexts(texts, CLASSIFIER_ROWS)),
  ]);
}

async function regressionRow(bench: Bench, ask: AskPeer): Promise<Row> {
  const input = tableProblem();
  const { train, test, steps } = input;
  const name = `ml-logistic-regression ${PEERS['ml-logistic-regression']}, ${steps} steps`;
  return peerRow(bench, {
    what: `fit, ${TABLE_ROWS.train} x ${COLUMNS} dense, 2 classes: learning/, ${name}`,
    ours() {
      const x = (rows: readonly (readonly number[])[]) =>
        denseMatrix(Float64Array.from(rows.flat()), rows.length, COLUMNS);
      const matrix = x(train.x);
      const startedAt = performance.now();
      const { model } = MODELS.logreg_tabular.fit(matrix, {
        codes: Int32Array.from(train.y),
        classCount: 2,
      });
      const seconds = (performance.now() - startedAt) / 1000;
      return {
        seconds,
        accuracy: share(test.y, MODELS.logreg_tabular.predict(model, x(test.x)).codes),
      };
    },
    other: () => ask({ task: 'regression', input }),
  });
}

async function tfidfRow(bench: Bench, ask: AskPeer, input: TextPeerInput): Promise<Row> {
  return peerRow(bench, {
    what: `TF-IDF, ${TEXT_ROWS.train} documents: learning/ with word pairs, natural ${PEERS.natural} without`,
    ours() {
      const documents = input.train.map(({ text }) => text);
      const startedAt = performance.now();
      fitTfidf(documents);
      return { seconds: (performance.now() - startedAt) / 1000 };
    },
    other: () => ask({ task: 'tfidf', input }),
  });
}

async function classifierRow(bench: Bench, ask: AskPeer, input: TextPeerInput): Promise<Row> {
  const { train, test } = input;
  const labels = encodeLabels([...train, ...test].map(({ label }) => label));
  const [codes, actual] = [labels.codes.slice(0, train.length), labels.codes.slice(train.length)];
  const target = { codes, classCount: labels.classes.length };
  return peerRow(bench, {
    what: `text classifier, ${CLASSIFIER_ROWS.train} documents, 3 classes: learning/, natural ${PEERS.natural} LogisticRegressionClassifier`,
    ours() {
      const documents = train.map(({ text }) => text);
      const startedAt = performance.now();
      const { model } = MODELS.logreg_text.fit(documents, target);
      const seconds = (performance.now() - startedAt) / 1000;
      const predicted = MODELS.logreg_text.predict(
        model,
        test.map(({ text }) => text),
      ).codes;
      return { seconds, accuracy: share(actual, predicted) };
    },
    other: () => ask({ task: 'text-classifier', input }),
  });
}

interface PeerCase {
  readonly what: string;
  ours(): PeerAnswer;
  other(): Promise<PeerAnswer>;
}

async function peerRow(bench: Bench, peer: PeerCase): Promise<Row> {
  const { what } = peer;
  const comparison = await takeTurns({
    ...{ what, rounds: bench.rounds(3), say: bench.say },
    ours: async () => peer.ours(),
    other: () => peer.other(),
    agree: () => undefined,
  });
  const row = timeRow(what, comparison);
  const accuracy = (answer: PeerAnswer): string =>
    answer.accuracy === undefined ? '' : `, accuracy ${answer.accuracy.toFixed(3)}`;
  return {
    ...row,
    ours: row.ours + accuracy(comparison.lastOurs),
    other: row.other + accuracy(comparison.lastOther),
  };
}

/** A noisy linear rule, as in generate_data.py. The step size is the peer's own default, its 50 000 steps would take minutes. */
function tableProblem(): TablePeerInput {
  const random = createRandomState(1);
  const weights = random.randn(COLUMNS);
  const draw = (rows: number) => {
    const x = Array.from({ length: rows }, () => [...random.randn(COLUMNS)]);
    const y = x.map((row) => {
      const score = row.reduce((sum, value, j) => sum + value * (weights[j] ?? 0), 0);
      return score + 2 * random.normal() > 0 ? 1 : 0;
    });
    return { x, y };
  };
  return {
    train: draw(TABLE_ROWS.train),
    test: draw(TABLE_ROWS.test),
    ...{ steps: 1000, learningRate: 5e-4 },
  };
}

function firstTexts(
  texts: TextPeerInput['train'],
  { train, test }: { readonly train: number; readonly test: number },
): TextPeerInput {
  return { train: texts.slice(0, train), test: texts.slice(train, train + test) };
}

/** The part of the values that are the same. */
function share(actual: ArrayLike<number>, predicted: Int32Array): number {
  return predicted.filter((value, i) => value === actual[i]).length / actual.length;
}
