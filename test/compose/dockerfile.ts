import { readFileSync } from 'node:fs';

import { ROOT } from './compose-file.ts';

/** A Dockerfile’s instructions, continued lines put together, comments left out. */
export function instructionsOf(file: string): readonly (readonly [name: string, rest: string])[] {
  return readFileSync(`${ROOT}${file}`, 'utf8')
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replace(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [, name = '', rest = ''] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      return [name, rest] as const;
    });
}

/** What the last stage sets for every process. */
export function imageEnvironment(file: string): Readonly<Record<string, string>> {
  const words = instructionsOf(file)
    .filter(([name]) => name === 'ENV')
    .flatMap(([, rest]) => rest.split(' '));
  return Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
}
