import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { Checkpoint } from '../../platform/audit/checkpoint.ts';
import {
  discardExport,
  exportedEvents,
  exportEvents,
  signExport,
  type Exported,
  type ExportWish,
} from '../../platform/audit/export/export-audit.ts';
import {
  createExportFolder,
  type ExportFolder,
} from '../../platform/audit/export/export-folder.ts';
import { EXPORT_FILES } from '../../platform/audit/export/manifest.ts';
import type { Audit } from '../../platform/audit/open-audit.ts';
import { linesOf } from '../../platform/audit/verification/lines.ts';
import type { AuditEvent } from '../../schemas/audit-event.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import type { Config } from '../../schemas/config.ts';
import { Failure } from '../../schemas/failure.ts';
import { findTrail } from '../../server/audit/find-trail.ts';
import { configOrExit } from '../environment.ts';
import { writeHistories, writeMlflow } from './export/beside-run.ts';
import { reportHtml } from './export/report-html.ts';
import { instantOf } from './export/instant.ts';
import { optionsOrUsage } from './options.ts';
import { auditOrFail, operator } from './record-command.ts';

const USAGE = `Usage: durable-experiments audit export --run <run id or workflow id>
       durable-experiments audit export --from <date> --to <date>
         [--tenant ${DEFAULT_TENANT}] [--out <new folder>] [--without-private]

Dates are ISO: 2026-01-31 is the whole day in UTC, both ends are included. --tenant ~service exports what
concerns all tenants. --without-private leaves out private texts and what holds them, too: Temporal's histories, MLflow's record.`;

/** Events that the report shows; all are in events.csv. */
const SHOWN = 2000;

/** durable-experiments audit export. */
export async function run(args: readonly string[]): Promise<number> {
  const values = optionsOrUsage(USAGE, () => wanted(args));
  if (!values) return 2;
  const config = configOrExit();
  const audit = await auditOrFail(config);
  try {
    await audit.log.ready();
    const wish = await wishOf(audit, values);
    const out = resolve(
      values.out ??
        `audit-${wish.kind === 'run' ? wish.workflowId : wish.chain}-${stamp(new Date())}`,
    );
    const folder = await createExportFolder(out);
    try {
      const exported = await writeAll(audit, config, { wish, folder });
      console.log(`${exported.events} events of ${exported.chain} are in ${out}`);
    } catch (error) {
      await discardExport(folder);
      throw error;
    }
  } finally {
    await audit.close();
  }
  return 0;
}

type Values = ReturnType<typeof wanted>;

function wanted(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      run: { type: 'string' },
      from: { type: 'string' },
      to: { type: 'string' },
      tenant: { type: 'string', default: DEFAULT_TENANT },
      out: { type: 'string' },
      'without-private': { type: 'boolean', default: false },
    },
  });
  const { run, from, to } = values;
  const range = from !== undefined && to !== undefined;
  if ((run === undefined) === !range || (run !== undefined && (from ?? to) !== undefined)) {
    throw new TypeError('Name either --run, or --from and --to.');
  }
  const time = range ? { from: instantOf(from, 'start'), to: instantOf(to, 'end') } : undefined;
  return { ...values, time };
}

async function wishOf({ log }: Audit, values: Values): Promise<ExportWish> {
  const { tenant: chain, run, time } = values;
  const withPrivate = !values['without-private'];
  if (time) return { kind: 'range', chain, withPrivate, ...time };
  const trail = await findTrail(log.database, chain, run as string);
  if (trail) return { kind: 'run', chain, withPrivate, workflowId: trail.workflowId };
  throw new Failure(
    'RUN_NOT_FOUND',
    `The audit log of the tenant ${chain} has no run ${run}.`,
    'Name its MLflow run id or its workflow id, and its tenant with --tenant.',
  );
}

async function writeAll(
  audit: Audit,
  config: Config,
  { wish, folder }: { readonly wish: ExportWish; readonly folder: ExportFolder },
): Promise<Exported> {
  const exported = await exportEvents(audit, wish, folder);
  const events = await firstOf(exportedEvents(folder.path), wish.kind === 'run' ? Infinity : SHOWN);
  const notes = [
    wish.withPrivate
      ? 'Private texts that were not erased are in private.jsonl, each with the salt of its commitment.'
      : 'Private texts, histories and MLflow’s record were left out.',
  ];
  if (wish.kind === 'run') {
    const beside = { config, database: audit.log.database, workflowId: wish.workflowId, events };
    if (wish.withPrivate) {
      notes.push(...(await writeMlflow(beside, folder)), ...(await writeHistories(beside, folder)));
    }
  }
  const checkpoint = await lastCheckpoint(folder);
  const shown = events.slice(0, SHOWN);
  const texts = await textsIn(folder, wish.withPrivate);
  const report = reportHtml({ exported, events: shown, notes, texts, checkpoint });
  await folder.write('report.html', [report]);
  const sha256 = await signExport(audit, exported, folder);
  const about = wish.kind === 'run' ? { 'temporal.workflow_id': wish.workflowId } : {};
  const fields = {
    ...operator(),
    ...about,
    'export.sha256': sha256,
    'export.events': exported.events,
  };
  await audit.log.record({ name: 'audit.exported', chain: wish.chain, fields });
  return exported;
}

async function lastCheckpoint({ path }: ExportFolder): Promise<Checkpoint> {
  const text = await readFile(join(path, EXPORT_FILES.checkpoints), 'utf8');
  return JSON.parse(text.trimEnd().split('\n').at(-1) as string) as Checkpoint;
}

/** Private texts by their commitments. */
async function textsIn(
  { path }: ExportFolder,
  withPrivate: boolean,
): Promise<ReadonlyMap<string, string>> {
  const texts = new Map<string, string>();
  if (!withPrivate) return texts;
  for await (const line of linesOf(join(path, EXPORT_FILES.private))) {
    const { commitment, body } = JSON.parse(line) as { commitment: string; body: string };
    texts.set(commitment, body);
  }
  return texts;
}

async function firstOf(events: AsyncIterable<AuditEvent>, most: number): Promise<AuditEvent[]> {
  const found: AuditEvent[] = [];
  for await (const event of events) if (found.push(event) >= most) break;
  return found;
}

/** As part of a file's name. */
function stamp(now: Date): string {
  return now.toISOString().replace(/[:.]/g, '-');
}
