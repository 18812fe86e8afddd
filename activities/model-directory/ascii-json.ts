/**
 * A JSON literal in ASCII, as Python's json.dumps writes it. MLflow reads these files in the
 * encoding of the machine it runs on, which need not be UTF-8.
 */
export function asciiJson(value: string | number | boolean): string {
  return JSON.stringify(value).replace(/[^\0-\x7f]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}
