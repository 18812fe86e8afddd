import { z } from 'zod';

import { Failure } from '../../schemas/failure.ts';
import { findOrCreate, type OnceOptions } from './find-or-create.ts';
import { mayHaveTakenEffect, mlflowErrorCode } from './mlflow-fault.ts';
import type { NewModelVersion, NewRegisteredModel } from './model-registry.ts';
import type { ModelVersion, RegisteredModel } from './registry-answers.ts';
import type { CallOptions, MlflowClient } from './tracking-types.ts';

/** What MLflow's own server tags a LoggedModel with: JSON, the versions that were made of it. */
const VERSIONS_TAG = 'mlflow.modelVersions';
const PROMPT_TAG = 'mlflow.prompt.is_prompt';

const versionsTag = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.array(z.object({ name: z.string(), version: z.coerce.number() })));

/**
 * Finds or creates a registered model: names are unique. One that exists stays as it is. To be
 * called before anything else is asked about a name: an MLflow with permissions denies even the
 * question whether a model exists to those who may not read it.
 * @throws Failure MODEL_NAME_INVALID, also when the name is a prompt's
 */
export async function ensureRegisteredModel(
  { registry }: Pick<MlflowClient, 'registry'>,
  model: NewRegisteredModel,
  options: CallOptions = {},
): Promise<RegisteredModel> {
  let denied: Failure | undefined;
  const found = await registry.find(model.name, options).catch((error: unknown) => {
    if (!(error instanceof Failure) || error.code !== 'MLFLOW_DENIED') throw error;
    denied = error;
    return null;
  });
  if (found) return notPrompt(found);
  try {
    return await registry.create(model, options);
  } catch (error) {
    const exists = mlflowErrorCode(error) === 'RESOURCE_ALREADY_EXISTS';
    if (options.signal?.aborted || !(exists || mayHaveTakenEffect(error))) throw error;
    if (denied) throw exists ? denied : error;
    const created = await registry.find(model.name, options);
    if (!created) throw error;
    return notPrompt(created);
  }
}

function notPrompt(model: RegisteredModel): RegisteredModel {
  if (model.tags[PROMPT_TAG]?.toLowerCase() !== 'true') return model;
  throw new Failure(
    'MODEL_NAME_INVALID',
    'In MLflow’s registry this is the name of a prompt.',
    'Choose another name for the registered model.',
  );
}

/** The versions of a name that are this LoggedModel's, the earliest first. */
async function versionsOf(
  { registry }: Pick<MlflowClient, 'registry'>,
  { name, runId, modelId }: Pick<NewModelVersion, 'name' | 'runId' | 'modelId'>,
  options: CallOptions,
): Promise<ModelVersion[]> {
  const versions = await registry.versionsOfRun(runId, options);
  return versions.filter((version) => version.name === name && version.modelId === modelId);
}

/** MLflow tags the LoggedModel after it has made the version, and an accident can come between. */
async function tagModel(
  { models }: Pick<MlflowClient, 'models'>,
  { name, version, modelId }: ModelVersion & { readonly modelId: string },
  options: CallOptions,
): Promise<void> {
  const { tags } = await models.get(modelId, options);
  const listed = versionsTag.parse(tags[VERSIONS_TAG] ?? '[]');
  if (listed.some((entry) => entry.name === name && entry.version === version)) return;
  const entries = [...listed, { name, version }];
  await models.setTags(modelId, { [VERSIONS_TAG]: JSON.stringify(entries) }, options);
}

/**
 * Finds or creates the one version of a registered model that a LoggedModel is, as
 * {@link findOrCreate}. Of several the earliest is taken.
 * @returns `sole`: true when no second one can appear: no need for `reconcileModelVersions`
 * @throws Failure MODEL_NOT_FOUND when there is no such registered model
 */
export async function ensureModelVersion(
  client: Pick<MlflowClient, 'registry' | 'models'>,
  identity: NewModelVersion,
  options: OnceOptions = {},
): Promise<{ version: ModelVersion; sole: boolean }> {
  const { modelId } = identity;
  const { signal } = options;
  const { it: version, sole } = await findOrCreate(
    {
      async find() {
        const [version] = await versionsOf(client, identity, { signal });
        if (version) await tagModel(client, { ...version, modelId }, { signal });
        return version;
      },
      create: () => client.registry.createVersion(identity, { signal }),
    },
    options,
  );
  return { version, sole };
}

/**
 * Leaves one version of a name to a LoggedModel: the last step of the exactly-one protocol. A
 * version with an alias stays, because somebody relies on it. May be repeated.
 * @param keep the version that the run used
 * @returns the versions that were deleted
 */
export async function reconcileModelVersions(
  client: Pick<MlflowClient, 'registry'>,
  identity: Pick<NewModelVersion, 'name' | 'runId' | 'modelId'> & { readonly keep: number },
  options: CallOptions = {},
): Promise<number[]> {
  const [versions, model] = await Promise.all([
    versionsOf(client, identity, options),
    client.registry.find(identity.name, options),
  ]);
  const kept = new Set([identity.keep, ...Object.values(model?.aliases ?? {})]);
  const extra = versions.map(({ version }) => version).filter((version) => !kept.has(version));
  await Promise.all(
    extra.map((version) =>
      client.registry.deleteVersion({ name: identity.name, version }, options),
    ),
  );
  return extra;
}
