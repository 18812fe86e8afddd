import type { DemandedData } from '../schemas/experiment.ts';
import { Failure } from '../schemas/failure.ts';

/** Holds what was loaded against what a rerun demands, where it demands anything. @throws Failure DATA_CHANGED */
export function demandSameData(demanded: DemandedData | undefined, loaded: DemandedData): void {
  if (!demanded) return;
  const sameRows = demanded.sha256 === loaded.sha256;
  const sameSource = (demanded.sourceSha256 ?? loaded.sourceSha256) === loaded.sourceSha256;
  if (sameRows && sameSource) return;
  throw new Failure('DATA_CHANGED', whatChanged(demanded, { sameRows, sameSource }), REMEDY);
}

const REMEDY =
  'Put the data back as it was and reproduce the run again, or start a new run on the data of today.';

function whatChanged(
  { sha256, sourceSha256 }: DemandedData,
  { sameRows, sameSource }: { readonly sameRows: boolean; readonly sameSource: boolean },
): string {
  if (sameRows) {
    return `The source’s bytes have changed (their SHA-256 was ${String(sourceSha256)}), though not the values that are read from it.`;
  }
  if (sourceSha256 !== null && sameSource) {
    return `The source has the same bytes, but other values are read from it (the SHA-256 of the data was ${sha256}).`;
  }
  return `The data has changed: its SHA-256 was ${sourceSha256 ?? sha256}.`;
}
