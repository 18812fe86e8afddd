import type { ReproducedSide, Reproduction } from './reproduce-run.ts';

/** More parts that differ than anybody reads. */
const MOST_SHOWN = 10;

/** A reproduction in a few lines for people. */
export function reproductionText(found: Reproduction): string {
  const { verdict, reason, hint, original, rerun, remarks } = found;
  return [
    `${verdict}: ${reason}`,
    ...(hint === null ? [] : [hint]),
    ...differences(found),
    '',
    ...side('original', original),
    ...side('rerun', rerun),
    '',
    ...remarks,
  ].join('\n');
}

function differences({ parts }: Reproduction): string[] {
  const others = parts.filter(
    ({ same, original, rerun }) => !same && original !== null && rerun !== null,
  );
  const lines = others
    .slice(0, MOST_SHOWN)
    .map(({ step, what, original, rerun }) => `  ${step}: ${what} ${original} → ${rerun}`);
  const more = others.length - lines.length;
  return more > 0 ? [...lines, `  and ${more} more (--json has all)`] : lines;
}

function side(name: string, { run_id, workflow_id, status, links }: ReproducedSide): string[] {
  const urls = [links.mlflow, links.temporal].filter((url) => url !== null);
  return [
    `${name.padEnd(9)} ${status} ${run_id === null ? 'no MLflow run' : `run ${run_id}`}, ${workflow_id}`,
    ...urls.map((url) => `${' '.repeat(10)}${url}`),
  ];
}
