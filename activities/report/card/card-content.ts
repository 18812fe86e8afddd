import type { ReportData } from '../report-data.ts';
import { count, counted, duration, readable, score } from '../text/formats.ts';
import { brief, quoted, shownText } from '../text/shown-text.ts';
import { findings } from './findings.ts';
import { headline, verdict, type HeadlineMetric, type Verdict } from './headline.ts';
import { largestClasses } from '../class-choice.ts';

export interface Table {
  readonly columns: readonly string[];
  /** The first cell of a row names it; the others are figures. */
  readonly rows: readonly (readonly string[])[];
  /** What the table leaves out, in words. */
  readonly more?: string;
}

export interface Detail {
  readonly name: string;
  readonly value: string;
}

/** A run card before it is Markdown or HTML: plain text, nothing escaped. */
export interface CardContent {
  readonly title: string;
  readonly summary: string;
  readonly warnings: readonly string[];
  readonly verdict: { readonly verdict: Verdict; readonly sentence: string };
  readonly headline: readonly HeadlineMetric[];
  readonly baselineName: string;
  readonly findings: readonly string[];
  readonly classes: Table;
  readonly data: Table;
  readonly details: readonly Detail[];
  readonly hashes: readonly Detail[];
  readonly links: readonly { readonly name: string; readonly url: string }[];
  /** Python that loads the model and predicts. */
  readonly code: readonly string[];
}

const MODELS = {
  logreg_tabular: 'Logistic regression',
  logreg_text: 'Logistic regression on TF-IDF of words and pairs of words',
} as const;

const LISTED_CLASSES = 12;
const LISTED_FEATURES = 12;

export function cardContent(data: ReportData): CardContent {
  const { input, names, baseline } = data;
  const { facts } = input;
  return {
    title: shownText(facts.experimentName),
    summary: summary(data),
    warnings: facts.warnings.map(shownText),
    verdict: verdict(data),
    headline: headline(data),
    baselineName: `always ${quoted(names[baseline.code]!)}`,
    findings: findings(data),
    classes: classTable(data),
    data: dataTable(data),
    details: details(data),
    hashes: Object.entries(facts.hashes).map(([name, value]) => shown(name, value)),
    links: facts.links.map(({ name, url }) => ({ name: shownText(name), url: shownText(url) })),
    code: [
      'import mlflow',
      `model = mlflow.pyfunc.load_model(${JSON.stringify(shownText(facts.modelUri))})`,
      'print(model.predict(model.input_example))',
    ],
  };
}

function summary({ input, classCount, names }: ReportData): string {
  const { facts, kind, features } = input;
  const inputs =
    kind === 'logreg_text'
      ? `texts (${counted(features.length, 'term')})`
      : features.length <= 3
        ? `${features.map(quoted).join(', ')}`
        : counted(features.length, 'numeric column');
  const classes =
    classCount === 2
      ? `${quoted(names[0]!)} or ${quoted(names[1]!)}`
      : `${count(classCount)} classes`;
  return (
    `${MODELS[kind]} that predicts ${quoted(facts.target)} (${classes}) from ${inputs}. ` +
    `Trained on ${counted(facts.trainRows, 'row')} of ${shownText(facts.source)}, ` +
    `measured on ${count(facts.testRows)} others.`
  );
}

function classTable({ perClass, names }: ReportData): Table {
  const bySize = largestClasses(
    perClass.map(({ support }) => support + 1),
    LISTED_CLASSES,
  );
  const listed = perClass.length <= LISTED_CLASSES ? perClass : bySize.map((at) => perClass[at]!);
  const left = perClass.length - listed.length;
  return {
    columns: ['Class', 'Precision', 'Recall', 'F1', 'Test rows'],
    rows: listed.map(({ code, precision, recall, f1, support }) => [
      brief(names[code]!),
      ...[precision, recall, f1].map(score),
      count(support),
    ]),
    ...(left > 0 && { more: `The largest; ${count(left)} more are in per_class.csv.` }),
  };
}

function dataTable({ input }: ReportData): Table {
  const { features, texts } = input.profile;
  const columns = ['', 'Mean', 'Std', 'Min', 'Max', 'Zeros'];
  const rows = (
    features
      ? features
          .slice(0, LISTED_FEATURES)
          .map((moments, at) => [input.features[at] ?? '', moments] as const)
      : texts
        ? ([
            ['Characters', texts.characters],
            ['Words', texts.words],
          ] as const)
        : []
  ).map(([name, { mean, std, min, max, zeros }]) => [
    brief(name),
    ...[mean, std, min, max].map(readable),
    count(zeros),
  ]);
  const left = (features?.length ?? 0) - LISTED_FEATURES;
  return {
    columns: [features ? 'Feature' : 'Text length', ...columns.slice(1)],
    rows,
    ...(left > 0 && { more: `${counted(left, 'more column')} in data_profile.json.` }),
  };
}

function details({ input }: ReportData): readonly Detail[] {
  const { facts } = input;
  const pairs = (values: Readonly<Record<string, string | number>>): string =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}`)
      .join(', ');
  const entries: (readonly [string, string | undefined])[] = [
    ['Run', facts.runId],
    ['Workflow', facts.workflowId],
    ['Asked by', facts.caller],
    ['Logged at', facts.loggedAt],
    ['Source', facts.source],
    ['Parameters', pairs(facts.params)],
    [
      'Training',
      `${counted(facts.iterations, 'iteration')}, ${facts.converged ? 'converged' : 'not converged'}`,
    ],
    ['Steps', facts.steps.map(({ step, ms }) => `${step} ${duration(ms)}`).join(', ')],
    ['Versions', pairs(facts.versions)],
  ];
  return entries.flatMap(([name, value]) => (value ? [shown(name, value)] : []));
}

function shown(name: string, value: string): Detail {
  return { name: shownText(name), value: shownText(value) };
}
