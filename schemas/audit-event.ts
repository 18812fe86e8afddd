import { z } from 'zod';

import { scopeSchema } from './caller.ts';

/**
 * Everything that the audit log records, one flat object an event. Names are OpenTelemetry's where it has one.
 * Numbers are whole, so that every language writes an event's canonical JSON (RFC 8785) the same.
 */
const hex64 = z.string().regex(/^[0-9a-f]{64}$/);
const sha256 = hex64.describe('SHA-256 (hex).');
const commitment = hex64.describe(
  'SHA-256 (hex) of a salt and a text; both lie beside the chain, and can be erased.',
);
export const LONGEST_TEXT = 1000;
const text = (about: string) => z.string().max(LONGEST_TEXT).describe(about);
const whole = (about: string) => z.number().int().nonnegative().describe(about);
const errorType = text('Code of the failure (schemas/failure.ts).');
const outcome = z.enum(['completed', 'failed', 'cancelled']);

/** What every event has. */
const common = {
  'event.version': z.literal(1),
  'event.id': text(
    'Unique within its chain: the same thing is recorded once, however often it is sent.',
  ),
  'audit.chain': text('The tenant, or “~service” for what concerns all of them.'),
  'audit.seq': z.number().int().positive().describe('Position in the chain, from 1, without gaps.'),
  timestamp: z.iso.datetime().describe('UTC, by the clock of whoever recorded it.'),
  'service.role': z.enum(['server', 'worker', 'command']),
  'service.version': text('Version of our code, with its commit.'),
  'service.instance.id': text('Host and process.'),
};

const run = {
  'temporal.workflow_id': text('Workflow of the run.'),
  'temporal.run_id': text('One execution of that workflow; a reset makes another.'),
};
const someRun = { 'temporal.workflow_id': run['temporal.workflow_id'].optional() };
const attempt = {
  ...run,
  'temporal.activity': text('Activity type, as in the Temporal UI.'),
  'temporal.activity_id': text('Which activity of the execution.'),
  'temporal.attempt': z.number().int().positive(),
};
const caller = {
  'user.id': text('Name of the key, subject of the token, or the client’s own name.'),
};
const operator = { 'user.id': text('Account of the operating system.') };
const request = {
  ...caller,
  'request.id': text('The same in both events of a call.'),
  'gen_ai.tool.name': text('Tool, resource or task method.'),
};

const shapes = {
  // What callers ask for
  'tool.requested': {
    ...request,
    ...someRun,
    scopes: z.array(scopeSchema),
    decision: z.enum(['allowed', 'refused']),
    rule: text('What decided.'),
    'error.type': errorType.optional(),
    'arguments.commitment': commitment.optional(),
    'arguments.bytes': whole(
      'Length of the arguments as JSON, with what was left out of the record.',
    ),
  },
  'tool.answered': {
    ...request,
    ...someRun,
    outcome,
    'error.type': errorType.optional(),
    'mlflow.run_id': text('Run that the answer is about.').optional(),
    duration_ms: whole('From the request on.'),
  },
  'access.refused': {
    'error.type': errorType,
    count: whole('Refusals of this kind since the last such event.'),
    since: z.iso.datetime(),
    addresses: whole('Different addresses among them, as far as they are known.'),
    'user.id': text('The caller, where all of them were one’s.').optional(),
  },

  // What runs do
  'run.started': {
    ...run,
    'user.id': text('Who asked for it; empty when an old run does not say.'),
    'request.commitment': commitment.optional(),
    'salt.commitment': commitment.describe(
      'Its salt is that of the inputs and outputs of all attempts of the run.',
    ),
    rerun_of: text('MLflow run that it repeats.').optional(),
    'dependencies.sha256': sha256.describe('Of the lock file: every library’s version.'),
  },
  'run.reset': {
    ...run,
    'temporal.base_run_id': text('The execution that it goes on from.'),
    'user.id': text(
      'Who asked mlflow_retry_run for it; empty for a reset in Temporal itself, which keeps no name.',
    ),
    'reason.commitment': commitment.optional(),
  },
  'run.cancel_requested': {
    ...run,
    'user.id': text('Identity that asked Temporal for it.'),
    'reason.commitment': commitment.optional(),
  },
  'attempt.started': { ...attempt, 'input.commitment': commitment },
  'attempt.ended': {
    ...attempt,
    outcome,
    'error.type': errorType.optional(),
    'output.commitment': commitment.optional(),
    duration_ms: whole('Of this attempt.'),
    'mlflow.run_id': text('').optional(),
    'mlflow.experiment_id': text('').optional(),
    'source.sha256': sha256.describe('Of the source’s own bytes, where it has bytes.').optional(),
    'dataset.sha256': sha256.describe('Of the loaded data.').optional(),
    'dataset.rows': whole('').optional(),
    'split.sha256': sha256.optional(),
    'model.sha256': sha256.optional(),
    'predictions.sha256': sha256.optional(),
    'metrics.sha256': sha256.describe('Of the metrics as canonical JSON.').optional(),
    'mlflow.model_id': text('Logged model.').optional(),
    'run.status': z.enum(['FINISHED', 'FAILED', 'KILLED']).optional(),
  },
  'checkpoint.saved': {
    ...attempt,
    iteration: whole('Of the training.'),
    'checkpoint.sha256': sha256,
  },
  'checkpoint.resumed': { ...attempt, 'checkpoint.sha256': sha256 },
  'run.reused': {
    ...run,
    'mlflow.run_id': text('The earlier run whose results are used again.'),
    'mlflow.model_id': text('Its model.'),
  },
  'model.registered': {
    ...run,
    'mlflow.run_id': text(''),
    'mlflow.model_id': text(''),
    'model.name': text('Registered model.'),
    'model.version': text('').optional(),
    champion: z.boolean(),
    'gate.metric': text(''),
    'gate.reason': text('Why the alias moved, or did not.'),
  },
  'receipt.attached': {
    ...run,
    'mlflow.run_id': text(''),
    'receipt.size': whole('Events in the chain that the receipt’s tree head covers.'),
    'receipt.root': sha256,
  },
  'history.exported': {
    ...run,
    'history.sha256': sha256.describe('Of the history as replayable JSON.'),
    'history.events': whole(''),
  },

  // What operators and services do
  'service.started': {
    'config.sha256': sha256.describe('Of all settings, secrets as their names only.'),
    'dependencies.sha256': sha256.describe('Of the lock file: every library’s version.'),
    'process.runtime.version': text('Node’s.'),
    'config.changed': z.boolean().describe('Whether the last start of this role had others.'),
    'config.commitment': commitment,
  },
  'key.added': {
    ...operator,
    'key.id': text(''),
    'key.name': text(''),
    scopes: z.array(scopeSchema),
  },
  'key.revoked': { ...operator, 'key.id': text('') },
  'payload_key.rotated': { ...operator, 'key.id': text('') },
  'version.changed': {
    ...operator,
    'deployment.name': text('Worker Deployment in Temporal.'),
    'deployment.version': text('Build id that the change is about.'),
    change: z
      .enum(['promoted', 'ramped', 'left', 'retired', 'removed'])
      .describe('“left”: its running experiments go on with the current version.'),
    percentage: whole('Of new work, for a version that is ramped.').optional(),
  },
  'audit.key_rotated': { ...operator, 'key.id': text(''), 'key.previous_id': text('') },
  'audit.checkpoint': {
    'checkpoint.size': whole('Events that it covers.'),
    'checkpoint.root': sha256,
    'checkpoint.sha256': sha256.describe('Of the signed checkpoint’s text.'),
  },
  'audit.exported': {
    ...operator,
    ...someRun,
    'export.sha256': sha256,
    'export.events': whole(''),
  },
  'audit.verified': { ...operator, 'verified.size': whole(''), 'verified.root': sha256, outcome },
  'audit.erased': {
    ...operator,
    ...run,
    'reason.commitment': commitment.optional(),
    'erased.values': whole('Private values beside the chain.'),
    'erased.blobs': whole(''),
    'erased.artifacts': whole('Files in MLflow.'),
    'erased.histories': whole('In Temporal, and exported.'),
  },
  'blobs.collected': {
    ...operator,
    'collected.blobs': whole('That no run within retention refers to; recorded before they go.'),
    'collected.bytes': whole('As they were stored.'),
    'collected.before': z.iso.datetime().describe('What was written later stayed.'),
  },
  'audit.pruned': {
    ...operator,
    'pruned.size': whole('Events from the chain’s beginning that are gone.'),
    'pruned.root': sha256.describe('Root over them; a later signed checkpoint’s is made of it.'),
  },
} as const;

type Shapes = typeof shapes;
export type EventName = keyof Shapes;

/** The schema of each event by its name. */
export const auditEventSchemas = Object.fromEntries(
  Object.entries(shapes).map(([name, shape]) => [
    name,
    z.strictObject({ ...common, 'event.name': z.literal(name), ...shape }),
  ]),
) as unknown as Record<EventName, z.ZodObject>;

/** An event as it stands in the log. */
export type AuditEvent = {
  [Name in EventName]: { readonly 'event.name': Name } & Readonly<
    z.infer<z.ZodObject<typeof common>>
  > &
    EventFields<Name>;
}[EventName];

/** What is particular to an event, as whoever records it says it. */
export type EventFields<Name extends EventName> = Readonly<z.infer<z.ZodObject<Shapes[Name]>>>;

/** Whether an object is an event as this version writes them; what is wrong with it otherwise. */
export function eventProblem(value: unknown): string | undefined {
  const name = (value as { readonly 'event.name'?: unknown } | null)?.['event.name'];
  if (typeof name !== 'string' || !Object.hasOwn(auditEventSchemas, name)) {
    return `there is no event ${JSON.stringify(name)}`;
  }
  const parsed = auditEventSchemas[name as EventName].safeParse(value);
  return parsed.success
    ? undefined
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join('; ');
}

/** The chain of what concerns all tenants: no tenant may be named so. */
export const SERVICE_CHAIN = '~service';
