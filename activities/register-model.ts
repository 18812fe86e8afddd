import {
  ensureModelVersion,
  ensureRegisteredModel,
  reconcileModelVersions,
} from '../platform/tracking/ensure-model-version.ts';
import type { ModelVersion } from '../platform/tracking/registry-answers.ts';
import type { CallOptions, MlflowClient } from '../platform/tracking/tracking-types.ts';
import type { Metrics, Registered, RegisterInput } from '../schemas/experiment.ts';
import { Failure } from '../schemas/failure.ts';
import { TAGS } from '../schemas/names.ts';
import type { ActivityDependencies } from './dependencies.ts';
import { inTurn } from '../platform/in-turn.ts';
import { type Incumbent, passGate, type Verdict } from './registration-gate.ts';
import { stepContext } from './step-context.ts';

const CHAMPION = 'champion';
const PASSED_TAG = 'gate.passed';
const REASON_TAG = 'gate.reason';
const ASKED_BY_TAG = 'gate.workflow_id';

/**
 * register: adds a version of the registered model, with its metrics and origin as tags, and lets the
 * alias champion stand for it if it passes the gate. The verdict is a tag before the alias moves, so
 * that an attempt after the move tells the same. MLflow moves an alias unconditionally: those of this
 * worker judge and move one after the other, or the lesser of two at once could stay champion.
 */
export function createRegisterModel({ tracking, codeVersion }: ActivityDependencies) {
  return async (input: RegisterInput): Promise<{ registered: Registered }> => {
    const { workflowId, signal } = stepContext();
    const { registration, runId, modelId, metrics } = input;
    const { model_name: name, metric } = registration;
    const client = tracking(input.request.trackingUri);
    const value = valueOf(metrics, metric);
    const { status } = await client.models.get(modelId, { signal });
    if (status !== 'READY') {
      const reason =
        'Its exported form does not give the predictions that the run was measured by.';
      return { registered: { model_name: name, version: null, champion: false, reason } };
    }
    await ensureRegisteredModel(client, { name }, { signal });
    const version = await onlyVersion(
      client,
      {
        ...{ name, runId, modelId },
        description: `${metric} ${value}, by workflow ${workflowId}`,
        tags: {
          ...Object.fromEntries(Object.entries(metrics).map(([key, of]) => [key, String(of)])),
          [TAGS.workflowId]: workflowId,
          [TAGS.codeVersion]: codeVersion,
        },
      },
      { signal },
    );
    return inTurn(`${client.url} ${name}`, async () => {
      const holder = await client.registry.versionByAlias({ name, alias: CHAMPION }, { signal });
      const holds = holder?.version === version.version;
      const earlier = holds ? told(holder, workflowId) : undefined;
      const verdict =
        earlier ??
        passGate(
          registration,
          value,
          holds ? 'itself' : await incumbentOf(client, holder, metric, { signal }),
        );
      const { passed, reason } = verdict;
      if (!earlier) {
        const tags = {
          [PASSED_TAG]: String(passed),
          [REASON_TAG]: reason,
          [ASKED_BY_TAG]: workflowId,
        };
        await client.registry.setVersionTags(version, tags, { signal });
      }
      if (passed && !holds) {
        await client.registry.setAlias(
          { name, alias: CHAMPION, version: version.version },
          { signal },
        );
      }
      const champion = passed || holds;
      return {
        registered: { model_name: name, version: String(version.version), champion, reason },
      };
    });
  };
}

function valueOf(metrics: Metrics, metric: string): number {
  const value = metrics[metric];
  if (value !== undefined) return value;
  throw new Failure(
    'UNKNOWN_METRIC',
    `The gate asks for ${metric}, which this run does not have.`,
    `It has ${Object.keys(metrics).join(', ')}.`,
  );
}

async function onlyVersion(
  client: MlflowClient,
  identity: Parameters<typeof ensureModelVersion>[1],
  options: CallOptions,
): Promise<ModelVersion> {
  const { version, sole } = await ensureModelVersion(client, identity, options);
  if (!sole) {
    await reconcileModelVersions(client, { ...identity, keep: version.version }, options);
  }
  return version;
}

/** The verdict of an earlier attempt of this workflow; a reused run may meet another gate each time. */
function told({ tags }: ModelVersion, workflowId: string): Verdict | undefined {
  const reason = tags[REASON_TAG];
  if (reason === undefined || tags[ASKED_BY_TAG] !== workflowId) return undefined;
  return { passed: tags[PASSED_TAG] === 'true', reason };
}

/** The champion as the gate sees it; null when there is none. */
async function incumbentOf(
  client: MlflowClient,
  champion: ModelVersion | null,
  metric: string,
  options: CallOptions,
): Promise<Incumbent | null> {
  if (!champion) return null;
  const value = Number.parseFloat(champion.tags[metric] ?? '');
  if (Number.isFinite(value)) return { version: champion.version, value };
  // A version that somebody else registered has its metrics in its run.
  const { runs } = await client.getRuns(champion.runId ? [champion.runId] : [], options);
  return { version: champion.version, value: runs[0]?.metrics[metric] ?? null };
}
