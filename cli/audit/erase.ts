import { parseArgs } from 'node:util';

import { Client, type Connection } from '@temporalio/client';

import { createDataConverter } from '../../platform/codec/data-converter.ts';
import { createBlobStoreFrom } from '../../platform/storage/from-config.ts';
import { createTrackingServersFrom } from '../../platform/tracking/from-config.ts';
import { erasedCounts, eraseRun } from '../../server/retention/erase-run.ts';
import type { ErasurePlan } from '../../server/retention/erasure-dependencies.ts';
import { planErasure } from '../../server/retention/plan-erasure.ts';
import { configOrExit } from '../environment.ts';
import { optionsOrUsage } from './options.ts';
import { auditOrFail, operator } from './record-command.ts';
import { withTemporal } from './temporal-access.ts';

const USAGE = `Usage: durable-experiments audit erase <run_id | workflow_id> --reason <text> [--shared] [--dry-run | --yes]

Erases a run's data: its private texts beside the audit log, its blobs, its inline records, its files in MLflow, and
its history in Temporal. The run's params, metrics and tags in MLflow stay, and so do the log and the run's receipt.
Without --yes it only says what would go. --shared also takes inline records that other runs were made from.
Exit codes: 0 done, 1 something is left or stands in the way, 2 usage.`;

/** durable-experiments audit erase. */
export async function run(args: readonly string[]): Promise<number> {
  const given = optionsOrUsage(USAGE, () => {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        reason: { type: 'string' },
        shared: { type: 'boolean', default: false },
        'dry-run': { type: 'boolean', default: false },
        yes: { type: 'boolean', default: false },
      },
    });
    const [id, ...more] = positionals;
    if (id === undefined || more.length > 0) throw new Error('Name one run.');
    if (values.yes && values['dry-run']) throw new Error('Either --dry-run or --yes.');
    if (values.reason === undefined) throw new Error('Give a --reason.');
    return { id, reason: values.reason, shared: values.shared, yes: values.yes };
  });
  if (!given) return 2;
  const config = configOrExit();
  const audit = await auditOrFail(config);
  try {
    await audit.log.ready();
    const blobs = await createBlobStoreFrom(config);
    const servers = createTrackingServersFrom(config);
    const dataConverter = await createDataConverter(config);
    return await withTemporal(config, async (access) => {
      const connection = access.connection as Connection;
      const { namespace } = access;
      const deps = {
        ...{ access, blobs, log: audit.log },
        client: new Client({ connection, namespace, dataConverter }),
        tracking: (uri: string | undefined) => servers.clientFor(uri),
      };
      const plan = await planErasure(deps, given.id);
      return act(plan, given, () => eraseRun(deps, plan, { ...given, operator: operator() }));
    });
  } finally {
    await audit.close();
  }
}

async function act(
  plan: ErasurePlan,
  { shared, yes }: { readonly shared: boolean; readonly yes: boolean },
  erase: () => Promise<void>,
): Promise<number> {
  const counts = erasedCounts(plan);
  const left = plan.remarks.length > 0 ? 1 : 0;
  for (const line of described(plan, counts)) console.log(line);
  if (Object.values(counts).every((count) => count === 0) && plan.models.length === 0) {
    console.log('Nothing is left to erase.');
    return left;
  }
  if (plan.sharedWith.length > 0 && !shared) {
    console.log('Nothing was erased: --shared takes the records from those runs, too.');
    return 1;
  }
  if (!yes) {
    console.log('Nothing was erased: that needs --yes.');
    return 0;
  }
  await erase();
  console.log('Erased, and recorded in the audit log; Temporal takes some seconds for its part.');
  return left;
}

function described(plan: ErasurePlan, counts: ReturnType<typeof erasedCounts>): string[] {
  const run = plan.runId === undefined ? ', no run in MLflow' : `, MLflow run ${plan.runId}`;
  return [
    `${plan.workflowId}${run}:`,
    `  ${counts['erased.values']} private texts beside the audit log`,
    `  ${counts['erased.blobs']} blobs${plan.records === undefined ? '' : ', its inline records among them'}`,
    `  ${counts['erased.artifacts']} files in MLflow, ${plan.models.length} logged models`,
    `  ${plan.executions.length} histories in Temporal, ${plan.histories.length} exported`,
    ...plan.registered.map(
      (name) => `  ${name} in the registry is this model, and can’t be loaded then`,
    ),
    ...plan.sharedWith.map((id) => `  ${id} was made from the same inline records`),
    ...plan.remarks.map((remark) => `  ${remark}`),
  ];
}
