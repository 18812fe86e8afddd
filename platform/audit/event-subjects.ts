import type { AuditEvent } from '../../schemas/audit-event.ts';

/** Fields that an event is looked up by, and how each is written in front of its value. */
const SUBJECTS: Readonly<Record<string, string>> = {
  'temporal.workflow_id': 'workflow',
  'mlflow.run_id': 'run',
  'mlflow.model_id': 'model',
  'source.sha256': 'data',
  'dataset.sha256': 'data',
  'user.id': 'user',
  rerun_of: 'run',
};

/** PostgreSQL’s index takes 2 700 bytes; names that callers choose may have four a character. */
const LONGEST_SUBJECT = 500;

/** `<kind>:<value>`, each once: what an event is about. */
export function subjectsOf(event: AuditEvent): string[] {
  const fields = event as Readonly<Record<string, unknown>>;
  const found = Object.entries(SUBJECTS).flatMap(([field, kind]) => {
    const value = fields[field];
    return typeof value === 'string' && value !== '' ? [`${kind}:${value}`] : [];
  });
  const { 'model.name': name, 'model.version': version } = fields;
  if (typeof name === 'string') {
    found.push(`registered:${name}`);
    if (typeof version === 'string') found.push(`registered:${name}/${version}`);
  }
  return [...new Set(found.map((subject) => subject.slice(0, LONGEST_SUBJECT)))];
}
