import { QUEUES } from '../../schemas/names.ts';
import { workersOf, type Deployment } from './deployment.ts';

/** Prints the versions of a deployment, with what runs on each and who works for it. @returns the exit code */
export async function listVersions(
  deployment: Deployment,
  { json }: { readonly json: boolean },
): Promise<number> {
  const [{ versions }, queues] = await Promise.all([deployment.state(), deployment.queues()]);
  const now = Date.now();
  const rows = await Promise.all(
    versions.map(async ({ buildId, status, percentage }) => ({
      ...{ version: buildId, status, percentage },
      running: await deployment.running(buildId),
      workers: Object.fromEntries(
        [...queues].map(([queue, state]) => [queue, workersOf(state, buildId, now)]),
      ),
    })),
  );
  if (json) {
    console.log(JSON.stringify({ deployment: deployment.name, versions: rows }, undefined, 2));
    return 0;
  }
  const lines = rows.map(({ version, status, percentage, running, workers }) => [
    version,
    percentage === undefined ? status : `${status} ${percentage} %`,
    String(running),
    ...QUEUES.map((queue) => String(workers[queue])),
  ]);
  const heads = ['version', 'status', 'experiments', ...QUEUES.map((queue) => `on ${queue}`)];
  console.log(`Worker Deployment ${deployment.name}\n`);
  for (const line of aligned([heads, ...lines])) console.log(line);
  return 0;
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((row) => (row[at] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
