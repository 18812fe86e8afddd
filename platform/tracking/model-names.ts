import { Failure } from '../../schemas/failure.ts';

function characters(text: string): number {
  return Array.from(text).length;
}

/**
 * A LoggedModel's name, as MLflow and its filter language take it.
 * @throws Failure MODEL_NAME_INVALID
 */
export function checkLoggedModelName(name: string): void {
  if (name !== '' && characters(name) <= 500 && !/[/:.%"'\\\p{Cc}]/u.test(name)) return;
  throw new Failure(
    'MODEL_NAME_INVALID',
    'MLflow does not allow this name for a model of a run.',
    'Use 1 to 500 characters without / : . % \\ and quotes.',
  );
}

/**
 * A registered model's name, as MLflow's registry takes it and `models:/<name>/<version>` finds it.
 * @throws Failure MODEL_NAME_INVALID
 */
export function checkRegisteredName(name: string): void {
  const plain = name.trim() === name && name !== '' && name !== '.' && name !== '..';
  if (plain && characters(name) <= 256 && !/[/:?\\"'\p{Cc}]/u.test(name)) return;
  throw new Failure(
    'MODEL_NAME_INVALID',
    'MLflow does not allow this name for a registered model.',
    'Use 1 to 256 characters, without / : ? \\ and quotes, and no space at either end.',
  );
}

/**
 * An alias of a version, e.g. `champion`.
 * @throws Failure MODEL_NAME_INVALID
 */
export function checkAlias(alias: string): void {
  if (/^[A-Za-z0-9_-]{1,255}$/.test(alias) && !/^(latest|v\d+)$/i.test(alias)) return;
  throw new Failure(
    'MODEL_NAME_INVALID',
    'MLflow does not allow this alias for a version of a model.',
    'Use letters, digits, - and _; “latest” and “v” with a number are taken.',
  );
}
