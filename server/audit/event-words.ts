import type { AuditEvent, EventName } from '../../schemas/audit-event.ts';
import { stepOf } from '../../schemas/names.ts';

type Event<Name extends EventName> = Extract<AuditEvent, { readonly 'event.name': Name }>;

/** Of names that callers choose. */
const LONGEST_NAME = 60;
const LONGEST_TEXT = 120;

const WORDS: { readonly [Name in EventName]?: (event: Event<Name>) => string } = {
  'tool.requested': (event) =>
    `${who(event)} called ${name(event['gen_ai.tool.name'])}` +
    (event.decision === 'refused' ? `: refused, ${event['error.type']} (${event.rule})` : ''),
  'tool.answered': (event) =>
    `${name(event['gen_ai.tool.name'])} of ${who(event)} ${event.outcome} ${after(event)}`,
  'run.started': (event) =>
    `run started for ${who(event)}` +
    (event.rerun_of === undefined ? '' : `, repeats ${event.rerun_of}`),
  'run.reset': (event) => `run reset by ${who(event)}`,
  'run.cancel_requested': (event) => `cancellation asked for by ${who(event)}`,
  'attempt.started': (event) => `${attempt(event)} started ${where(event)}`,
  'attempt.ended': (event) =>
    `${attempt(event)} ${event.outcome} ${after(event)}${runStatus(event)} ${where(event)}`,
  'checkpoint.saved': (event) =>
    `${attempt(event)} saved a checkpoint at iteration ${event.iteration}`,
  'checkpoint.resumed': (event) => `${attempt(event)} went on from a checkpoint`,
  'run.reused': (event) => `results of run ${event['mlflow.run_id']} are used again`,
  'model.registered': (event) =>
    `model registered as ${name(event['model.name'])}` +
    (event['model.version'] === undefined ? '' : `, version ${event['model.version']}`) +
    `, ${event.champion ? 'now' : 'not'} champion: ${cut(event['gate.reason'], LONGEST_TEXT)}`,
  'receipt.attached': (event) =>
    `receipt of the run attached in MLflow, proven in the chain's first ${event['receipt.size']} events`,
  'history.exported': (event) => `history of ${event['history.events']} events exported`,
  'audit.exported': (event) => `${event['export.events']} events exported by ${who(event)}`,
  'access.refused': (event) =>
    `${event.count} refused since ${event.since}: ${event['error.type']}` +
    (event['user.id'] === undefined ? '' : ` of ${who({ 'user.id': event['user.id'] })}`),
  'service.started': (event) =>
    `${event['service.role']} ${name(event['service.instance.id'])} started, version ${event['service.version']}` +
    (event['config.changed'] ? ', with other settings than before' : ''),
  'key.added': (event) =>
    `key ${name(event['key.name'])} (${event['key.id']}) added by ${who(event)}: ${event.scopes.join(', ')}`,
  'key.revoked': (event) => `key ${event['key.id']} revoked by ${who(event)}`,
  'version.changed': (event) =>
    `worker version ${event['deployment.version']} ${event.change} by ${who(event)}`,
  'payload_key.rotated': (event) => `payload key ${event['key.id']} added by ${who(event)}`,
  'audit.key_rotated': (event) =>
    `${event['key.id']} signs after ${event['key.previous_id']}, by ${who(event)}`,
  'audit.checkpoint': (event) => `checkpoint over ${event['checkpoint.size']} events signed`,
  'audit.verified': (event) =>
    `log of ${event['verified.size']} events verified by ${who(event)}: ${event.outcome}`,
  'blobs.collected': (event) =>
    `${event['collected.blobs']} blobs that no run needs removed by ${who(event)}`,
  'audit.pruned': (event) => `the first ${event['pruned.size']} events pruned by ${who(event)}`,
  'audit.erased': (event) =>
    `erased by ${who(event)}: ${event['erased.values']} private values, ${event['erased.blobs']} blobs, ` +
    `${event['erased.artifacts']} artifacts, ${event['erased.histories']} histories`,
};

/** An event in one line, without its time. */
export function inWords(event: AuditEvent): string {
  const words = WORDS[event['event.name']] as ((event: AuditEvent) => string) | undefined;
  return words?.(event) ?? event['event.name'];
}

function attempt(
  event: Event<'attempt.started' | 'attempt.ended' | 'checkpoint.saved' | 'checkpoint.resumed'>,
): string {
  const activity = event['temporal.activity'];
  return `${stepOf(activity) ?? name(activity)}, attempt ${event['temporal.attempt']}`;
}

/** How long it took and, where it failed, why. */
function after(event: Event<'tool.answered' | 'attempt.ended'>): string {
  const code = event['error.type'];
  const seconds = (event.duration_ms / 1000).toFixed(1);
  return `after ${seconds} s${code === undefined ? '' : `: ${code}`}`;
}

function runStatus(event: Event<'attempt.ended'>): string {
  return event['run.status'] === undefined ? '' : `, the run is ${event['run.status']}`;
}

function where(event: AuditEvent): string {
  return `(${event['service.role']} ${name(event['service.instance.id'])})`;
}

function who(event: { readonly 'user.id': string }): string {
  return event['user.id'] === '' ? 'somebody' : name(event['user.id']);
}

const name = (text: string): string => cut(text, LONGEST_NAME);

function cut(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1).toWellFormed()}…`;
}
