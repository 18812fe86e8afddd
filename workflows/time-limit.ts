import { CancellationScope, condition, sleep } from '@temporalio/workflow';

/** Begins a step, and remembers when. */
export type Begin = <Input, Output>(
  step: (input: Input) => Promise<Output>,
  input: Input,
) => Promise<Output>;

/**
 * Runs steps, and cancels them when their time is over. A reset takes the timer over as it was, due
 * or overdue: a run that is reset after its time has it again in full.
 * @param limit in ms
 */
export function withinTime<T>(limit: number, steps: (begin: Begin) => Promise<T>): Promise<T> {
  const scope = new CancellationScope();
  let begunAt = Date.now();
  const begin: Begin = (step, input) => {
    begunAt = Date.now();
    return step(input);
  };
  return scope.run(async () => {
    const watch = new CancellationScope();
    void watch
      .run(() => outOfTime(limit, () => begunAt))
      .then(
        () => scope.cancel(),
        () => undefined,
      );
    try {
      return await steps(begin);
    } finally {
      if (!watch.consideredCancelled) watch.cancel();
    }
  });
}

/** Returns when a step is going that was begun in time and is out of it. */
async function outOfTime(limit: number, begunAt: () => number): Promise<void> {
  let deadline = Date.now() + limit;
  for (;;) {
    await sleep(deadline - Date.now());
    await endOfTask();
    if (begunAt() < deadline) return;
    deadline = begunAt() + limit;
  }
}

/** Until the workflow task has done all that can be done: a timer may fire together with a step's end. */
async function endOfTask(): Promise<void> {
  let asked = 0;
  await condition(() => asked++ > 0);
}
