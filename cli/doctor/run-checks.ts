import { Failure } from '../../schemas/failure.ts';
import { problem, type Check, type CheckContext, type Finding } from './check.ts';

/** A check that takes longer is a finding itself. */
const PATIENCE_MS = 8_000;

export interface Answer extends Finding {
  readonly check: string;
}

/** Carries out checks at once; none takes longer than eight seconds, and none can break the others. */
export async function runChecks(
  checks: readonly Check[],
  context: Omit<CheckContext, 'signal'>,
): Promise<Answer[]> {
  const answers = await Promise.all(
    checks.map(async (check) => {
      const findings = await inTime(check, context);
      return findings.map((finding) => ({ check: check.name, ...finding }));
    }),
  );
  return answers.flat();
}

async function inTime(
  check: Check,
  context: Omit<CheckContext, 'signal'>,
): Promise<readonly Finding[]> {
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const late = new Promise<Finding>((resolve) => {
    signal.addEventListener('abort', () =>
      resolve(
        problem(
          `There was no answer within ${PATIENCE_MS / 1000} seconds.`,
          'Look at its load and at the network.',
        ),
      ),
    );
  });
  try {
    return [await Promise.race([check.run({ ...context, signal }), late])].flat();
  } catch (error) {
    // What another library says may hold a secret: our own failures hold none.
    if (error instanceof Failure) return [problem(error.message, error.hint)];
    const { code, name = 'unknown' } = error as { code?: string | number; name?: string };
    const kind = code ?? name;
    return [
      problem(`It could not be found out (${kind}).`, 'Look at the log of servers and workers.'),
    ];
  }
}
