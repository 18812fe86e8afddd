import type { ReadResourceResult } from '@modelcontextprotocol/server';

import { MOST_EVENTS } from '../../schemas/get-audit.ts';
import { plainTexts } from '../../platform/plain-text.ts';
import type { Experiments } from '../experiments/experiments.ts';

type Content = ReadResourceResult['contents'][number];

/** What of a run can be read beside the tools' short answers. */
export const RUN_TEMPLATES = [
  {
    name: 'report',
    title: 'Report of a run',
    uriTemplate: 'run://{run_id}/report',
    mimeType: 'text/markdown',
    description: 'The run card: data, split, params, metrics, confusion matrix, top weights.',
  },
  {
    name: 'report-file',
    title: 'File of a report',
    uriTemplate: 'run://{run_id}/report/{file}',
    description:
      'Charts: confusion_matrix.svg, roc_curve.svg, precision_recall.svg, calibration.svg, coefficients.svg, ' +
      'loss_curve.svg. Data: per_class.csv, coefficients.csv, predictions.csv, curves.json, data_profile.json.',
  },
  {
    name: 'history',
    title: 'History of a run',
    uriTemplate: 'run://{run_id}/history',
    mimeType: 'application/json',
    description: 'Every step with all its times, attempts and failures, every param and artifact.',
  },
  {
    name: 'audit',
    title: 'Audit trail of a run',
    uriTemplate: 'run://{run_id}/audit',
    mimeType: 'application/json',
    description: 'Who asked for what, and every attempt of every step, as the audit log has them.',
  },
];

const TYPES: Readonly<Record<string, string>> = {
  md: 'text/markdown',
  txt: 'text/plain',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  svg: 'image/svg+xml',
};

const URI =
  /^run:\/\/([\w.-]{1,255})\/(history|audit|report(?:\/(\w{1,60}\.(?:md|txt|csv|html|json|svg)))?)$/;

/** Reads a resource; undefined for an address of none. @throws Failure as get_run, or without a report */
export async function readRunResource(
  experiments: Pick<Experiments, 'get' | 'reportFile' | 'audit'>,
  uri: string,
): Promise<Content | undefined> {
  const [, run_id, kind, file = 'card.md'] = URI.exec(uri) ?? [];
  if (run_id === undefined) return undefined;
  if (kind === 'history' || kind === 'audit') {
    const view =
      kind === 'history'
        ? await experiments.get({ run_id })
        : await experiments.audit({ run_id, limit: MOST_EVENTS });
    return { uri, mimeType: 'application/json', text: JSON.stringify(plainTexts(view)) };
  }
  const bytes = await experiments.reportFile({ run_id }, file);
  const mimeType = TYPES[file.slice(file.lastIndexOf('.') + 1)] as string;
  return mimeType.startsWith('image/')
    ? { uri, mimeType, blob: bytes.toString('base64') }
    : { uri, mimeType, text: bytes.toString() };
}
