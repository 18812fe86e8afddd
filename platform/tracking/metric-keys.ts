import { createHash } from 'node:crypto';

const HASH_CHARACTERS = 6;
/**
 * Letters that younger versions of Unicode have added, which an MLflow on an older Python takes for
 * none; and all beyond the first 65 536 characters, which not every database stores.
 */
const RECENT = /[\u088f\u0c5c\u0cdc\u1c89\u1c8a\ua7cb-\ua7cf\ua7d2\ua7d4\ua7da-\ua7dc\ua7f1]/;

/** The label in characters that MLflow takes in names, without dots and dashes at its ends. */
function plain(label: string): string {
  return Array.from(label.normalize('NFKC'), (character) =>
    /^[\p{L}\p{N}_.-]$/u.test(character) && character.length === 1 && !RECENT.test(character)
      ? character
      : '_',
  )
    .join('')
    .replace(/_{2,}/g, '_')
    .replace(/^[_.]+|[_.]+$/g, '');
}

/** Equal for names that some database takes for one: most ignore case, and some ignore accents. */
function folded(name: string): string {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toUpperCase().toLowerCase();
}

/**
 * A part of a metric's name for each class label: legal in MLflow (which refuses `%`, quotes,
 * emoji and more), readable, and no two alike even where case and accents do not count. A label that
 * had to be changed to something that stands for another one too gets a hash of itself at its end;
 * so what a label becomes depends on the others only when they are alike.
 * @param labels distinct
 * @param maxCharacters of a part, 20 or more; MLflow allows 250 for the whole name
 * @returns label to part, in the order of the labels
 */
export function metricKeys(labels: readonly string[], maxCharacters = 80): Map<string, string> {
  const drafts = labels.map((label) => ({ label, draft: plain(label) }));
  const alike = ({ draft }: { draft: string }) => folded(draft.slice(0, maxCharacters));
  const groups = Map.groupBy(drafts, alike);
  const keys = new Map<string, string>();
  const taken = new Set<string>();

  for (const group of groups.values()) {
    const exact = group.filter(({ label, draft }) => label === draft);
    const [first] = group.length === 1 ? group : exact.length === 1 ? exact : [];
    if (!first || first.draft === '' || first.draft.length > maxCharacters) continue;
    keys.set(first.label, first.draft);
    taken.add(folded(first.draft));
  }
  for (const { label, draft } of drafts) {
    if (keys.has(label)) continue;
    const hash = createHash('sha256').update(label).digest('hex');
    for (let characters = HASH_CHARACTERS; ; characters += 1) {
      const start = draft.slice(0, maxCharacters - characters - 1).replace(/[_.]+$/, '');
      const key = (start === '' ? '' : `${start}_`) + hash.slice(0, characters);
      if (taken.has(folded(key))) continue;
      keys.set(label, key);
      taken.add(folded(key));
      break;
    }
  }
  return new Map(labels.map((label) => [label, keys.get(label)!]));
}
