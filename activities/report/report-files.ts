import { textFile, type DirectoryFile } from '../model-directory/directory-file.ts';
import { cardContent } from './card/card-content.ts';
import { cardHtml } from './card/card-html.ts';
import { cardMarkdown } from './card/card-markdown.ts';
import { confusionChart, lossChart, weightsChart } from './charts/model-charts.ts';
import { calibrationChart, precisionRecallSvg, rocSvg } from './charts/ranking-charts.ts';
import { standalone } from './charts/svg-chart.ts';
import { curvesJson } from './curves/curves-json.ts';
import { profileJson } from './profile/data-profile.ts';
import { reportData, type ReportData } from './report-data.ts';
import type { ReportInput } from './report-input.ts';
import { classificationReport, classificationReportJson } from './tables/classification-report.ts';
import { confusionCsv, perClassCsv } from './tables/class-tables.ts';
import { predictionSample } from './tables/prediction-sample.ts';
import { weightsCsv } from './tables/weights-table.ts';

/** The charts of a report by the names of their files, in the order of the card. */
function reportCharts(data: ReportData): Readonly<Record<string, string>> {
  return {
    confusion_matrix: confusionChart(data),
    roc_curve: rocSvg(data),
    precision_recall: precisionRecallSvg(data),
    calibration: calibrationChart(data),
    coefficients: weightsChart(data),
    loss_curve: lossChart(data),
  };
}

/**
 * The sixteen files of a run's report: charts as SVG, the data behind them, and the run card. Equal
 * input gives equal bytes. The work is bounded by sorts of the test rows for at most eight classes,
 * the files by a few hundred kilobytes each, whatever the number of rows and features; only the
 * tables by class grow with up to a thousand classes.
 */
export function reportFiles(input: ReportInput): readonly DirectoryFile[] {
  const data = reportData(input);
  const charts = reportCharts(data);
  const card = cardContent(data);
  return [
    textFile('card.html', cardHtml(card, Object.values(charts))),
    textFile('card.md', cardMarkdown(card)),
    ...Object.entries(charts).map(([name, svg]) => textFile(`${name}.svg`, standalone(svg))),
    jsonFile('curves.json', curvesJson(data)),
    textFile('confusion_matrix.csv', confusionCsv(data)),
    textFile('per_class.csv', perClassCsv(data)),
    textFile('classification_report.txt', classificationReport(data)),
    jsonFile('classification_report.json', classificationReportJson(data)),
    textFile('coefficients.csv', weightsCsv(input)),
    textFile('predictions.csv', predictionSample(data)),
    jsonFile(
      'data_profile.json',
      profileJson(input.profile, { labels: input.labels, names: input.features }),
    ),
  ];
}

/** JSON.stringify writes null for what is not finite, which JSON cannot hold. */
function jsonFile(path: string, content: unknown): DirectoryFile {
  return textFile(path, `${JSON.stringify(content)}\n`);
}
