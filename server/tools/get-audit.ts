import {
  auditTrailSchema,
  getAuditSchema,
  USUAL_EVENTS,
  type AuditTrail,
} from '../../schemas/get-audit.ts';
import { ANSWER_TOKENS, tokensOf } from '../experiments/bounded-values.ts';
import { defineTool } from './tool.ts';

export const getAuditTool = defineTool({
  name: 'mlflow_get_audit',
  dottedName: 'mlflow.get_audit',
  title: 'Get a run’s audit trail',
  description:
    'What the tamper-evident audit log has of a run, oldest first: who asked for what, every attempt of every step.',
  input: getAuditSchema,
  output: auditTrailSchema,
  annotations: {
    readOnlyHint: true,
    destructiveHint: false,
    idempotentHint: true,
    openWorldHint: true,
  },
  async run(request, { experiments }) {
    const most = ANSWER_TOKENS * Math.max(1, request.limit / USUAL_EVENTS);
    return withinTokens(await experiments.audit(request), most);
  },
});

/** The first of the events that there is room for, and one in any case; the cursor leads to the rest. */
export function withinTokens(trail: AuditTrail, most: number): AuditTrail {
  let left = most - tokensOf({ ...trail, events: [], next_cursor: '000000000000' });
  const cutAt = trail.events.findIndex((event, at) => (left -= tokensOf(event)) < 0 && at > 0);
  if (cutAt === -1) return trail;
  const events = trail.events.slice(0, cutAt);
  return { ...trail, events, next_cursor: String(events.at(-1)?.seq) };
}
