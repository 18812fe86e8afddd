import type { ReportInput } from '../../../activities/report/report-input.ts';
import { tabularExample } from './example-reports.ts';

/** Names that try to be markup, or to break a line, a table, an encoding or the writing direction. */
const HOSTILE_NAMES = [
  '<script>alert(1)</script>',
  '"q" & \'s\'',
  'a\nb\u202ec',
  'سلام',
  '👩‍👩‍👧‍👦 😀',
  'x'.repeat(5000),
  '\ud800 lone \u0000 null',
];

/** A run whose every text from outside is hostile. */
export function hostileExample(): ReportInput {
  return tabularExample({
    labels: HOSTILE_NAMES,
    rows: 700,
    features: [
      '"><img src=x onerror=alert(1)>',
      '</style><style>*{display:none}</style>',
      ']]></svg><svg onload=alert(1)>',
      `z${'\u0301'.repeat(3000)}`,
      'a | b ` c [d](javascript:alert(1)) https://evil.example',
    ],
    facts: {
      experimentName: '</title><script>alert(2)</script>',
      source: '<iframe src=//evil.example></iframe>',
      target: '{{constructor}} ${x}',
      caller: '"onmouseover="alert(3)',
      warnings: ['<b>bold</b> & "quoted"'],
      params: { '<i>C</i>': '1<2' },
      hashes: { '<u>dataset</u>': '`abc`' },
      versions: { code: '<!-- ' },
      steps: [{ step: '<load>', ms: 4 }],
      links: [
        { name: 'MLflow', url: 'http://127.0.0.1:5000/#/experiments/1' },
        { name: '<a>', url: 'javascript:alert(4)' },
        { name: 'quote', url: 'https://127.0.0.1:1/"onclick="alert(5)' },
      ],
      modelUri: 'runs:/"</pre><script>/model',
    },
  });
}
