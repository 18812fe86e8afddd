import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';

import { filesUnder } from '../faults/files.ts';

/** A text as it may stand in a file: plain, in UTF-16, in hexadecimal digits, or within something in base64. */
export function disguises(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  // What stands before it in the same base64 decides how its bits are grouped: its ends are left out.
  const base64 = [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .slice(Math.ceil((4 * before) / 3), Math.floor((4 * (before + bytes.byteLength)) / 3))
      .replace(/=+$/, ''),
  );
  return [
    bytes,
    Buffer.from(text, 'utf16le'),
    Buffer.from(bytes.toString('hex')),
    ...base64.flatMap((code) => [
      Buffer.from(code),
      Buffer.from(code.replaceAll('+', '-').replaceAll('/', '_')),
    ]),
  ];
}

export function holds(content: Buffer | string, text: string): boolean {
  const bytes = Buffer.from(content);
  return disguises(text).some((disguise) => bytes.includes(disguise));
}

/** The files below a folder, by their path in it, that hold a text in one of its disguises. */
export async function whereIs(text: string, folder: string): Promise<string[]> {
  const found: string[] = [];
  for (const path of await filesUnder(folder)) {
    const content = await readFile(path).catch(() => Buffer.alloc(0));
    if (holds(content, text)) found.push(relative(folder, path));
  }
  return found;
}
