// durable-experiments audit lineage: from a model or a run back to its data and its request, from data forward to every
// model. Ends with 0, with 1 when the log knows of nothing, with 2 when it is called otherwise or can't be read.
import { parseArgs } from 'node:util';

import { auditToRead } from '../../platform/audit/lineage/audit-to-read.ts';
import { findLineage, type LineageStart } from '../../platform/audit/lineage/find-lineage.ts';
import { lineageTree } from '../../platform/audit/lineage/lineage-tree.ts';
import { treeText } from '../../platform/audit/lineage/tree-text.ts';
import { DEFAULT_TENANT } from '../../schemas/caller.ts';
import { configOrExit } from '../environment.ts';

const [FOUND, NOTHING, TROUBLE] = [0, 1, 2];

const USAGE = `Usage: durable-experiments audit lineage <one of these> [--tenant default] [--json]

  --model <registered name>[/version]   back from a registered model
  --model-id <m-…>                      back from a logged model
  --run <run_id|workflow_id>            back and forward from a run
  --data <sha256>                       forward from a dataset, or from a source file`;

interface Wish {
  readonly start: LineageStart;
  readonly tenant: string;
  readonly json: boolean;
}

export async function run(args: readonly string[]): Promise<number> {
  const wish = wishOf(args);
  if (!wish) {
    console.error(USAGE);
    return TROUBLE;
  }
  const database = auditToRead(configOrExit());
  if (!database) {
    console.error(
      'There is no audit log: see that STATE_DIR or AUDIT_DATABASE_URL is the servers’.',
    );
    return TROUBLE;
  }
  try {
    const { start, tenant, json } = wish;
    const runs = await findLineage(database, tenant, start);
    if (json) console.log(JSON.stringify({ tenant, start, runs }, null, 2));
    else if (runs.length > 0) console.log(treeText(lineageTree(start, runs)));
    else console.error(`The audit log of ${tenant} knows of no run to this.`);
    return runs.length > 0 ? FOUND : NOTHING;
  } catch {
    // What a driver says may hold what is nobody’s business.
    console.error(
      'The audit log can’t be read: see that AUDIT_DATABASE_URL answers, or that STATE_DIR/audit can be read.',
    );
    return TROUBLE;
  } finally {
    await database.tables.destroy();
  }
}

function wishOf(args: readonly string[]): Wish | undefined {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        model: { type: 'string' },
        'model-id': { type: 'string' },
        run: { type: 'string' },
        data: { type: 'string' },
        tenant: { type: 'string', default: DEFAULT_TENANT },
        json: { type: 'boolean', default: false },
      },
    });
    const starts = startsIn(values);
    const [start] = starts;
    if (!start || starts.length > 1) return undefined;
    return { start, tenant: values.tenant, json: values.json };
  } catch {
    return undefined;
  }
}

function startsIn(values: {
  readonly model?: string;
  readonly 'model-id'?: string;
  readonly run?: string;
  readonly data?: string;
}): LineageStart[] {
  const { model, 'model-id': modelId, run: id, data } = values;
  // No registered model has a slash in its name.
  const [name = '', version] = model?.split('/') ?? [];
  return [
    ...(model === undefined ? [] : [{ kind: 'model', name, version } as const]),
    ...(modelId === undefined ? [] : [{ kind: 'model-id', id: modelId } as const]),
    ...(id === undefined ? [] : [{ kind: 'run', id } as const]),
    ...(data === undefined ? [] : [{ kind: 'data', sha256: data.toLowerCase() } as const]),
  ];
}
