import type { Transaction } from 'kysely';

import type { AuditEvent } from '../../schemas/audit-event.ts';
import type { AuditDatabase } from './database/open-database.ts';
import type { AuditTables } from './database/tables.ts';
import { whileBusy } from './database/while-busy.ts';
import { subjectsOf } from './event-subjects.ts';
import type { TreeHead } from './merkle.ts';
import { readRows } from './read-events.ts';

interface Step {
  readonly chain: string;
  /** The chain as it was after the last event that goes in this step. */
  readonly tree: TreeHead;
  readonly head: string;
  /** The last event that goes in any step. */
  readonly to: number;
}

/** Values in one statement. */
const VALUES = 400;

/**
 * Takes the events up to the end of a step away, with what they are found by and the private texts that no event
 * refers to any more. In one transaction: the chain begins behind them, or nothing has happened.
 */
export async function takeEvents(database: AuditDatabase, step: Step): Promise<void> {
  const found = await whatGoes(database, step);
  await whileBusy(() =>
    database.tables.transaction().execute(async (writing) => {
      const { chain, tree, head } = step;
      const moved = await writing
        .updateTable('audit_chains')
        .set({
          ...{ pruned_size: tree.size, pruned_head: head },
          pruned_frontier: JSON.stringify(tree.frontier),
        })
        .where('chain', '=', chain)
        .where('pruned_size', '<', tree.size)
        .executeTakeFirst();
      // Somebody else has pruned as far.
      if (moved.numUpdatedRows === 0n) return;
      await writing
        .deleteFrom('audit_events')
        .where('chain', '=', chain)
        .where('seq', '<=', tree.size)
        .execute();
      await takeSubjects(writing, step, found.subjects);
      await takePrivate(writing, step, found);
    }),
  );
}

interface Going {
  readonly subjects: readonly string[];
  readonly workflows: readonly string[];
  readonly commitments: readonly string[];
}

async function whatGoes(database: AuditDatabase, { chain, tree }: Step): Promise<Going> {
  const subjects = new Set<string>();
  const workflows = new Set<string>();
  const commitments = new Set<string>();
  for await (const { body } of readRows(database, { chain, to: tree.size })) {
    const event = JSON.parse(body) as AuditEvent;
    for (const subject of subjectsOf(event)) subjects.add(subject);
    if ('temporal.workflow_id' in event && event['temporal.workflow_id'] !== undefined) {
      workflows.add(event['temporal.workflow_id']);
    }
    for (const [field, value] of Object.entries(event)) {
      if (field.endsWith('.commitment')) commitments.add(String(value));
    }
  }
  return {
    subjects: [...subjects],
    workflows: [...workflows],
    commitments: [...commitments],
  };
}

async function takeSubjects(
  writing: Transaction<AuditTables>,
  { chain, tree }: Step,
  subjects: readonly string[],
): Promise<void> {
  for (const part of partsOf(subjects)) {
    await writing
      .deleteFrom('audit_subjects')
      .where('chain', '=', chain)
      .where('subject', 'in', part)
      .where('seq', '<=', tree.size)
      .execute();
  }
}

/**
 * The texts of a run go with the last of its events, as one salt is that of several. Every other text has a
 * salt of its own, and so goes with its only event.
 */
async function takePrivate(
  writing: Transaction<AuditTables>,
  { chain, to }: Step,
  { workflows, commitments }: Going,
): Promise<void> {
  for (const part of partsOf(workflows)) {
    const subjects = part.map((id) => `workflow:${id}`);
    const staying = await writing
      .selectFrom('audit_subjects')
      .select('subject')
      .distinct()
      .where('chain', '=', chain)
      .where('subject', 'in', subjects)
      .where('seq', '>', to)
      .execute();
    const stays = new Set(staying.map(({ subject }) => subject));
    const gone = part.filter((_, at) => !stays.has(subjects[at] as string));
    if (gone.length === 0) continue;
    await writing
      .deleteFrom('audit_private')
      .where('chain', '=', chain)
      .where('workflow_id', 'in', gone)
      .execute();
  }
  for (const part of partsOf(commitments)) {
    await writing
      .deleteFrom('audit_private')
      .where('chain', '=', chain)
      .where('commitment', 'in', part)
      .where('workflow_id', '=', '')
      .execute();
  }
}

function partsOf<T>(values: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(values.length / VALUES) }, (_, part) =>
    values.slice(part * VALUES, (part + 1) * VALUES),
  );
}
