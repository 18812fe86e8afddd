/** Entry of a process that does one reader's job after another, and says what became of each. */
import { readFileSync } from 'node:fs';

import { Failure } from '../../../../schemas/failure.ts';
import { performJob } from '../../../../activities/sources/child/perform-job.ts';
import type { Column } from '../../../../schemas/dataset.ts';
import type { ReaderJob } from '../../../../activities/sources/child/reader-job.ts';

/** What became of a job. */
export interface Outcome {
  /** A failure's code, “read”, or in capitals and with a colon what no failure of ours was. */
  readonly code: string;
  readonly peakBytes: number;
  /** Of a source that was described. */
  readonly columns: readonly Column[];
}

process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
process.on('message', (job: ReaderJob) => {
  process.chdir(job.folder);
  performJob(job, () => undefined).then(
    (result) => tell('read', Array.isArray(result) ? result : []),
    (error: unknown) => tell(error instanceof Failure ? error.code : `UNTYPED: ${String(error)}`),
  );
});

function tell(code: string, columns: readonly Column[] = []): void {
  const outcome: Outcome = { code, columns, peakBytes: peakBytes() };
  process.send?.(outcome);
}

/** Of this program alone: maxRSS begins with what the process that started it has, if that is more. */
function peakBytes(): number {
  const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
  return Number(kilobytes) * 1024;
}
