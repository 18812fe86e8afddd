import { describe, expect, it } from 'vitest';

import { curveClasses } from '../../../activities/report/class-choice.ts';
import { reportFiles } from '../../../activities/report/report-files.ts';
import type { ReportInput } from '../../../activities/report/report-input.ts';
import { FACTS, tabularExample, textExample } from './example-reports.ts';

function texts(input: ReportInput): Record<string, string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  return Object.fromEntries(
    reportFiles(input).map(({ path, bytes }) => [path, decoder.decode(bytes)]),
  );
}

interface Curves {
  readonly classes: { readonly total: number; readonly listed: readonly string[] };
  readonly roc: readonly { readonly class: string; readonly fpr: readonly number[] }[];
  readonly precision_recall: readonly {
    readonly class: string;
    readonly precision: readonly number[];
    readonly threshold: readonly (number | null)[];
  }[];
}

function curvesOf(files: Record<string, string>): Curves {
  return JSON.parse(files['curves.json']!) as Curves;
}

const BINARY = tabularExample({ labels: ['no', 'yes'], rows: 400 });

it('is sixteen files', () => {
  expect(Object.keys(texts(BINARY)).sort()).toEqual([
    ...['calibration.svg', 'card.html', 'card.md', 'classification_report.json'],
    ...['classification_report.txt', 'coefficients.csv', 'coefficients.svg'],
    ...['confusion_matrix.csv', 'confusion_matrix.svg', 'curves.json', 'data_profile.json'],
    ...['loss_curve.svg', 'per_class.csv', 'precision_recall.svg', 'predictions.csv'],
    'roc_curve.svg',
  ]);
});

it('has the same bytes again, whatever was drawn in between', () => {
  const before = texts(BINARY);
  texts(textExample({ labels: ['a', 'b', 'c'], rows: 300 }));
  expect(texts(BINARY)).toEqual(before);
});

it('holds no number that JSON does not know', () => {
  const files = texts(BINARY);
  for (const [path, text] of Object.entries(files)) {
    if (path.endsWith('.json')) expect(() => JSON.parse(text) as unknown).not.toThrow();
    expect(text, path).not.toMatch(/NaN|Infinity|undefined|\[object/);
  }
});

describe('the card', () => {
  const facts = { warnings: ['The training did not converge.'] };
  const files = texts(tabularExample({ labels: ['no', 'yes'], rows: 400, facts }));

  it('says in both forms what was trained, how well, from where and how to load it', () => {
    for (const card of [files['card.md']!, files['card.html']!.replaceAll('&quot;', '"')]) {
      expect(card).toContain('churn-baseline');
      expect(card).toContain('Trained on 320 rows of train.csv, measured on 80 others.');
      expect(card).toContain('Better than always answering “no” (accuracy 0.900 against 0.550).');
      expect(card).toContain(FACTS.hashes['dataset']);
      expect(card).toContain('seed 42');
      expect(card).toContain(FACTS.links[0]!.url);
      expect(card).toContain(`model = mlflow.pyfunc.load_model("${FACTS.modelUri}")`);
    }
  });

  it('begins with the warnings', () => {
    for (const card of [files['card.md']!, files['card.html']!]) {
      expect(card.indexOf('The training did not converge.')).toBeLessThan(
        card.indexOf('Trained on'),
      );
    }
  });

  it('shows every chart and needs no other file', () => {
    expect(files['card.html']!.match(/<svg /g)).toHaveLength(6);
    expect(files['card.html']).not.toMatch(/<(script|link|img|iframe|object)\b/);
  });

  it('says so when nothing was learned', () => {
    const useless = tabularExample({ labels: ['no', 'yes'], rows: 300, skill: 0 });
    expect(texts(useless)['card.md']).toContain('Not distinguishable from always answering');
  });
});

describe('a test set that lacks something', () => {
  it('of one class has no ROC curve, and says why', () => {
    const files = texts({
      ...BINARY,
      actual: BINARY.actual.map(() => 1),
      metrics: { accuracy: 0.5 },
    });
    expect(curvesOf(files).roc).toEqual([]);
    expect(curvesOf(files).precision_recall[0]!.precision).toContain(1);
    expect(files['roc_curve.svg']).toContain('holds rows of one class only');
  });

  it('of the first class only has no curve at all', () => {
    const files = texts({
      ...BINARY,
      actual: BINARY.actual.map(() => 0),
      metrics: { accuracy: 0.5 },
    });
    expect(curvesOf(files).precision_recall).toEqual([]);
    expect(files['calibration.svg']).toContain('holds rows of one class only');
  });

  it('without rows of one of three classes has the curves of the others', () => {
    const three = tabularExample({ labels: ['a', 'b', 'c'], rows: 300 });
    const files = texts({ ...three, actual: three.actual.map((code) => Math.min(code, 1)) });
    expect(curvesOf(files).roc.map((curve) => curve.class)).toEqual(['a', 'b']);
    expect(curvesOf(files).classes).toEqual({ total: 3, listed: ['a', 'b'] });
  });

  it('is named when a class is never predicted', () => {
    const files = texts({ ...BINARY, predicted: BINARY.predicted.map(() => 0) });
    expect(files['card.md']).toContain('1 class is never predicted: “yes”.');
    expect(files['classification_report.txt']).toMatch(/yes\s+0\.00\s+0\.00\s+0\.00\s+36\n/);
  });

  it('draws a diagonal when every probability is the same', () => {
    const tied = {
      ...BINARY,
      probabilities: new Float64Array(BINARY.probabilities.length).fill(0.5),
    };
    expect(curvesOf(texts(tied)).roc[0]!.fpr).toEqual([0, 1]);
  });

  it('survives a single row, no loss history and a profile without spread', () => {
    const one = {
      ...BINARY,
      ...{ actual: Int32Array.of(1), predicted: Int32Array.of(1), testRows: Int32Array.of(7) },
      probabilities: Float64Array.of(0.25, 0.75),
      loss: [],
      profile: {
        ...{ rows: 1, classRows: [0, 1] },
        features: BINARY.profile.features!.map((moments) => ({ ...moments, std: NaN })),
      },
    };
    const files = texts(one);
    expect(files['loss_curve.svg']).toContain('fewer than two');
    expect(files['predictions.csv']!.trim().split('\n')).toHaveLength(2);
  });
});

describe('a run of many classes', () => {
  const labels = Array.from({ length: 300 }, (_, i) => `class ${i}`);
  const input = tabularExample({ labels, rows: 6000, iterations: 4 });
  const files = texts(input);

  it('draws the largest and says so', () => {
    const support = new Float64Array(300);
    for (const code of input.actual) support[code]! += 1;
    const largest = curveClasses(support).map((code) => labels[code]);
    expect(largest).toHaveLength(8);
    expect(curvesOf(files).classes).toEqual({ total: 300, listed: largest });
    expect(files['roc_curve.svg']).toContain('8 largest of 300 classes');
    expect(files['confusion_matrix.svg']).toContain('280 others');
    expect(files['card.md']).toContain('more are in per_class.csv');
  });

  it('keeps every file small', () => {
    for (const [path, text] of Object.entries(files)) {
      expect(text.length, path).toBeLessThan(500_000);
    }
    expect(files['confusion_matrix.csv']!.trim().split('\n')).toHaveLength(252);
    expect(files['per_class.csv']!.trim().split('\n')).toHaveLength(301);
  });
});

it('tells the classes of a text model by their words', () => {
  const files = texts(textExample({ labels: ['sport', 'politics', 'space'], rows: 900 }));
  expect(files['coefficients.svg']).toContain('>striker<');
  expect(files['data_profile.json']).toContain('"text_words"');
  expect(files['card.html']).toContain('Characters');
});

it('has its dark colours beside its light ones', () => {
  const { 'roc_curve.svg': roc, 'card.html': card } = texts(BINARY);
  for (const document of [roc!, card!]) {
    expect(document).toContain('@media (prefers-color-scheme:dark)');
    const painted = new Set(
      [...document.matchAll(/<\w+[^>]* (?:fill|stroke)="(#[0-9a-f]{6})"/g)].map(
        ([, color]) => color!,
      ),
    );
    expect(painted.size).toBeGreaterThan(4);
    for (const color of painted) expect(document).toContain(`[fill="${color}"]{fill:#`);
  }
});
