import { createReadStream, existsSync } from 'node:fs';

/**
 * The lines of a file, without their ends; none of one that is not there. Only a line feed ends one: JSON may hold the other separators, at
 * which Node’s readline would cut.
 */
export async function* linesOf(path: string): AsyncGenerator<string> {
  if (!existsSync(path)) return;
  let rest = '';
  for await (const part of createReadStream(path, 'utf8') as AsyncIterable<string>) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() as string;
    yield* lines;
  }
  if (rest !== '') yield rest;
}
