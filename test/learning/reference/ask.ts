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

/**
 * Puts problems to the real numpy and scikit-learn, in one Python process.
 * @returns one answer a problem, in order
 */
export async function ask<Op extends keyof Answers>(
  problems: readonly Problem<Op>[],
): Promise<readonly (Answers[Op] | Refusal)[]> {
  const python = spawn(pythonExecutable(), [SCRIPT], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...REFERENCE_ENVIRONMENT, PYTHONHASHSEED: '0' },
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    python.on('error', reject);
    python.on('close', resolve);
  });
  python.stdin.end(problems.map((problem) => `${JSON.stringify(problem)}\n`).join(''));
  const answers: (Answers[Op] | Refusal)[] = [];
  for await (const line of createInterface({ input: python.stdout })) {
    answers.push(JSON.parse(line) as Answers[Op] | Refusal);
  }
  const code = await ended;
  if (code !== 0 || answers.length !== problems.length) {
    throw new Error(`The reference gave ${answers.length} answers and ended with ${code}.`);
  }
  return answers;
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
