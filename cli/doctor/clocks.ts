import { readQueue } from '../../platform/deployment/queue-workers.ts';
import { QUEUES, taskQueueOf } from '../../schemas/names.ts';
import {
  ok,
  problem,
  unknown,
  warning,
  type Check,
  type CheckContext,
  type Finding,
} from './check.ts';
import { mlflowDate } from './mlflow.ts';

/** Times in one run’s record come from several machines. */
const WARN_SECONDS = 5;
/** Signatures of S3, and tokens, are refused from a minute on or so. */
const WRONG_SECONDS = 60;

export const clocks: Check = {
  name: 'clocks',
  async run(context) {
    const [mlflow, temporal] = await Promise.all([mlflowSkew(context), temporalSkew(context)]);
    return [
      judge('MLflow’s clock', mlflow),
      judge('The clocks of Temporal and of workers', temporal),
    ];
  },
};

async function mlflowSkew({ config, signal }: CheckContext): Promise<number | undefined> {
  const before = Date.now();
  const date = await mlflowDate(config, undefined, signal);
  // HTTP’s dates have whole seconds: within the question’s own time and a second all is well.
  return date && outside(date.getTime(), before - 1000, Date.now());
}

/** Temporal tells no time; but nobody can have asked it for work in the future. */
async function temporalSkew({ config, temporal }: CheckContext): Promise<number | undefined> {
  if (!temporal) return undefined;
  const read = QUEUES.map((queue) =>
    readQueue(temporal, taskQueueOf(queue, config.TEMPORAL_TASK_QUEUE)),
  );
  const seen = (await Promise.all(read)).flatMap(({ workers }) => workers);
  return seen.length === 0
    ? undefined
    : Math.max(...seen.map(({ seenAt }) => outside(seenAt, 0, Date.now())));
}

/** Milliseconds by which a time lies outside a span. */
function outside(time: number, from: number, to: number): number {
  if (time < from) return time - from;
  return Math.max(0, time - to);
}

function judge(whose: string, skewMs: number | undefined): Finding {
  if (skewMs === undefined) return unknown(`${whose} can’t be seen from here now.`);
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const says = `${whose} ${seconds} s ${skewMs > 0 ? 'ahead of' : 'behind'} this machine’s.`;
  const verb = whose.startsWith('The') ? 'are' : 'is';
  const sentence = says.replace(whose, `${whose} ${verb}`);
  const remedy = 'Keep all machines’ clocks by NTP.';
  if (seconds > WRONG_SECONDS) return problem(sentence, remedy);
  if (seconds > WARN_SECONDS) return warning(sentence, remedy);
  return ok(`${whose} ${verb === 'are' ? 'agree' : 'agrees'} with this machine’s.`);
}
