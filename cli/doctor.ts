// durable-experiments doctor: what is wrong with this installation, as seen from here, and what to do.
import { parseArgs } from 'node:util';

import { optionsOrUsage } from './audit/options.ts';
import type { Level } from './doctor/check.ts';
import { examine } from './doctor/examine.ts';
import type { Answer } from './doctor/run-checks.ts';

const USAGE = `Usage: durable-experiments doctor [--json]

Looks at settings, neighbours, versions, clocks, permissions and workers, as a server or worker with this environment would
find them, and says what to do. It writes a probe to the blob store and removes it; nothing else is changed.
Exit codes: 0 no problem, 1 problems, 2 usage.`;

const SIGNS: Readonly<Record<Level, string>> = {
  ok: '✓',
  warning: '!',
  problem: '✗',
  unknown: '·',
};

/** durable-experiments doctor. */
export async function run(args: readonly string[]): Promise<number> {
  const given = optionsOrUsage(USAGE, () =>
    parseArgs({ args: [...args], options: { json: { type: 'boolean', default: false } } }),
  );
  if (!given) return 2;
  const answers = await examine(process.env);
  const problems = answers.filter(({ level }) => level === 'problem').length;
  if (given.values.json) console.log(JSON.stringify({ problems, answers }, undefined, 2));
  else for (const line of described(answers)) console.log(line);
  // A neighbour that hangs must not hold up the end, too.
  process.exit(problems === 0 ? 0 : 1);
}

function described(answers: readonly Answer[]): string[] {
  const width = Math.max(...answers.map(({ check }) => check.length));
  const count = (level: Level): number => answers.filter((one) => one.level === level).length;
  return [
    ...answers.flatMap(({ check, level, says, remedy }, at) => {
      const name = answers[at - 1]?.check === check ? '' : check;
      const lead = `${SIGNS[level]} ${name.padEnd(width)}  `;
      return [
        `${lead}${says}`,
        ...(remedy === undefined ? [] : [`${' '.repeat(lead.length)}→ ${remedy}`]),
      ];
    }),
    '',
    `${count('problem')} problems, ${count('warning')} warnings.`,
  ];
}
