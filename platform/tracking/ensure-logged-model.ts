import { findOrCreate, type OnceOptions } from './find-or-create.ts';
import type { LoggedModel } from './logged-model-answers.ts';
import type { LoggedModels, NewLoggedModel } from './logged-models.ts';
import type { CallOptions } from './tracking-types.ts';

/** The tag that tells apart the models that a run has made under one name. */
const CONTENT_TAG = 'model.content';

/** What makes a run's model: run, name and content are its identity, the rest describes it. */
export interface ModelIdentity extends NewLoggedModel {
  /** Equal in all attempts that make the same model, e.g. the hash of what it was made of. */
  readonly content: string;
}

export interface EnsuredModel {
  readonly model: LoggedModel;
  /** True when it is certain that no second one can appear: no need for `reconcileLoggedModels`. */
  readonly sole: boolean;
}

/**
 * Finds or creates a run's LoggedModel, as {@link findOrCreate}: the content is a tag that is
 * written in the same request. Of several the earliest is taken. A model that was found may be READY
 * already. A reset with other data makes a model of other content, which does not match; the old
 * one has to go, because `runs:/<run>/<name>` finds only one of a name: see `reconcileLoggedModels`.
 * @throws Failure MODEL_NAME_INVALID, and as LoggedModels says
 */
export async function ensureLoggedModel(
  models: LoggedModels,
  { content, ...identity }: ModelIdentity,
  options: OnceOptions = {},
): Promise<EnsuredModel> {
  const { signal } = options;
  const tags = { ...identity.tags, [CONTENT_TAG]: content };
  const { it: model, sole } = await findOrCreate(
    {
      async find() {
        const made = await models.madeBy(identity, { signal });
        return made.find((model) => model.tags[CONTENT_TAG] === content);
      },
      create: () => models.create({ ...identity, tags }, { signal }),
    },
    options,
  );
  return { model, sole };
}

/**
 * Leaves one model of a name to a run: the last step of the exactly-one protocol, for when no other
 * attempt can still be at work. May be repeated.
 * @param keep the id of the model that the run used
 * @returns the ids of those that were deleted
 */
export async function reconcileLoggedModels(
  models: LoggedModels,
  run: { experimentId: string; runId: string; name: string; keep: string },
  options: CallOptions = {},
): Promise<string[]> {
  const made = await models.madeBy(run, options);
  const extra = made.map(({ modelId }) => modelId).filter((modelId) => modelId !== run.keep);
  await Promise.all(extra.map((modelId) => models.delete(modelId, options)));
  return extra;
}
