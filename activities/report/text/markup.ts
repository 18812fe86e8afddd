const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for the inside of an element or of a quoted attribute, in HTML and in SVG. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

/**
 * Text for the middle of a line of GitHub-flavoured Markdown: nothing in it starts a link, an
 * address that becomes one, an emphasis, code, a table cell, an entity or a tag. What does none of
 * that stays readable: the underscore of `feature_1` is not touched.
 */
export function escapeMarkdown(text: string): string {
  return text
    .replace(/[\\`*[\]<|~&@]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\$&')
    .replace(/:(?=\/\/)|(?<=www)\./gi, '\\$&');
}

/** Code between backticks that no backtick in the text can end. */
export function markdownCode(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
