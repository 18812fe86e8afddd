import { createPublicKey, type KeyObject } from 'node:crypto';

import {
  isSignedBy,
  keyIdOf,
  keyStatementSchema,
  publicKeyOf,
  statementText,
  type KeyStatement,
} from '../signing-keys.ts';

/** Public keys by their ids: those that a verifier was handed, and all that they vouch for. */
export interface KeyRing {
  readonly trusted: ReadonlyMap<string, KeyObject>;
  /** Nobody handed over a key: those that lay beside the log are taken at their word. */
  readonly unvouched: boolean;
  readonly problems: readonly string[];
}

/** A key as an auditor is handed it: PEM, or a key statement. @throws Error on anything else */
export function readGivenKey(text: string): KeyObject {
  if (!text.trimStart().startsWith('{')) return ed25519(createPublicKey(text));
  return ed25519(publicKeyOf(keyStatementSchema.parse(JSON.parse(text))));
}

function ed25519(key: KeyObject): KeyObject {
  if (key.asymmetricKeyType === 'ed25519') return key;
  throw new TypeError(`the key is of type ${key.asymmetricKeyType}`);
}

/** Follows the statements from the given keys on. @param found texts of key statements, by where they lie */
export function createKeyRing(
  found: ReadonlyMap<string, string>,
  given: readonly KeyObject[],
): KeyRing {
  const problems: string[] = [];
  const statements = [...found].flatMap(([place, text]) => {
    const statement = parsed(text);
    if (statement && keyIdMatches(statement, place)) return [statement];
    problems.push(`The key statement ${place} is damaged.`);
    return [];
  });
  const unvouched = given.length === 0;
  const first = unvouched
    ? statements.filter((one) => one.previous_key_id === null).map(publicKeyOf)
    : given;
  const trusted = new Map(first.map((key) => [keyIdOf(key), key]));
  const older = ancestorsOf(trusted, statements);
  for (let grew = true; grew;) {
    grew = false;
    for (const one of statements) {
      const previous = trusted.get(one.previous_key_id ?? '');
      if (trusted.has(one.key_id) || !previous || !isVouchedFor(one, previous)) continue;
      trusted.set(one.key_id, publicKeyOf(one));
      grew = true;
    }
  }
  for (const { key_id: id } of statements) {
    if (!trusted.has(id) && !older.has(id)) problems.push(`Nobody vouches for the key ${id}.`);
  }
  return { trusted, unvouched, problems };
}

/** Keys that came before a trusted one: strangers to whoever has only that, but no forgery. */
function ancestorsOf(
  trusted: ReadonlyMap<string, KeyObject>,
  statements: readonly KeyStatement[],
): ReadonlySet<string> {
  const byId = new Map(statements.map((one) => [one.key_id, one]));
  const older = new Set<string>();
  for (let ids = [...trusted.keys()]; ids.length > 0;) {
    ids = ids.flatMap((id) => byId.get(id)?.previous_key_id ?? []).filter((id) => !older.has(id));
    for (const id of ids) older.add(id);
  }
  return older;
}

function parsed(text: string): KeyStatement | undefined {
  try {
    return keyStatementSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** A file is named after its key. */
function keyIdMatches(statement: KeyStatement, place: string): boolean {
  const named = /([0-9a-f]{16})\.json$/.exec(place)?.[1];
  try {
    const id = keyIdOf(ed25519(publicKeyOf(statement)));
    return id === statement.key_id && (named === undefined || named === id);
  } catch {
    return false;
  }
}

function isVouchedFor(statement: KeyStatement, previous: KeyObject): boolean {
  return isSignedBy(previous, statementText(statement), statement.signature ?? '');
}
