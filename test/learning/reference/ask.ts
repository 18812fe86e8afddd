import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { pythonExecutable, REFERENCE_ENVIRONMENT } from './python.ts';
import type { Answers, Problem } from './problems.ts';

const SCRIPT = fileURLToPath(new URL('answer.py', import.meta.url));

/** What scikit-learn answers to a ValueError of its own. */
export interface Refusal {
  readonly error: string;
}

/** @returns one answer a problem. @throws when Python has ended */
type Reference = (problems: readonly object[]) => Promise<unknown[]>;

/** One process for all files of a test worker, as importing scikit-learn takes longer than most problems. */
let reference: Reference | undefined;
let turn: Promise<unknown> = Promise.resolve();

/**
 * Puts problems to the real numpy and scikit-learn, one after another.
 * @returns one answer a problem, in order
 */
export function ask<Op extends keyof Answers>(
  problems: readonly Problem<Op>[],
): Promise<readonly (Answers[Op] | Refusal)[]> {
  const answers = turn.then(() => (reference ??= startReference())(problems));
  turn = answers.catch(() => (reference = undefined));
  return answers as Promise<(Answers[Op] | Refusal)[]>;
}

/** It ends when this process does, and its input with it. */
function startReference(): Reference {
  const python = spawn(pythonExecutable(), [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...REFERENCE_ENVIRONMENT, PYTHONHASHSEED: '0' },
  });
  python.unref();
  // Then no answer comes, which says it.
  for (const emitter of [python, python.stdin]) emitter.on('error', () => undefined);
  const lines = createInterface({ input: python.stdout })[Symbol.asyncIterator]();
  return async (problems) => {
    python.stdin.write(problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
    const answers: unknown[] = [];
    while (answers.length < problems.length) {
      const { value, done } = await lines.next();
      if (done) {
        throw new Error(`The reference ended after ${answers.length} of ${problems.length}.`);
      }
      answers.push(JSON.parse(value));
    }
    return answers;
  };
}

/** Like `ask`, for problems that scikit-learn can solve. */
export async function askAll<Op extends keyof Answers>(
  problems: readonly Problem<Op>[],
): Promise<readonly Answers[Op][]> {
  const answers = await ask(problems);
  return answers.map((answer) => {
    if (isRefusal(answer)) throw new Error(`scikit-learn refused: ${answer.error}`);
    return answer;
  });
}

export function isRefusal(answer: object): answer is Refusal {
  return 'error' in answer;
}
