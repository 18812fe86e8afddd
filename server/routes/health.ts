import type { Context, Next } from 'hono';

/** A neighbour to ask: resolves when it answers. */
export interface Neighbour {
  readonly name: string;
  readonly check: (signal: AbortSignal) => Promise<void>;
}

const PATIENCE_MILLISECONDS = 3000;

/** GET /health: 200 when every neighbour answers, else 503 naming those that do not. */
export function healthRoute(neighbours: readonly Neighbour[], version: string) {
  return async (c: Context): Promise<Response> => {
    const answers = await healthOf(neighbours);
    const checks = answers.map(([name, ok]) => [name, ok ? 'ok' : 'no answer'] as const);
    const { status, code } = verdict(answers);
    const about = { status, server: 'mcp-mlflow', version, checks: Object.fromEntries(checks) };
    return c.json(about, code);
  };
}

/** The same for those who do not say who they are: whether all is well, and nothing more. */
export function bareHealthRoute(neighbours: readonly Neighbour[]) {
  return async (c: Context, next: Next): Promise<Response | void> => {
    if (c.req.header('authorization') !== undefined) return next();
    const { status, code } = verdict(await healthOf(neighbours));
    return c.json({ status }, code);
  };
}

export type Answers = readonly (readonly [name: string, ok: boolean])[];

/** Which neighbours answer now. */
export function healthOf(neighbours: readonly Neighbour[]): Promise<Answers> {
  return Promise.all(neighbours.map(async (n) => [n.name, await state(n)] as const));
}

function verdict(answers: Answers) {
  return answers.every(([, ok]) => ok)
    ? ({ status: 'healthy', code: 200 } as const)
    : ({ status: 'unhealthy', code: 503 } as const);
}

async function state({ check }: Neighbour): Promise<boolean> {
  const signal = AbortSignal.timeout(PATIENCE_MILLISECONDS);
  const tooLate = new Promise<boolean>((resolve) => {
    signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  const answer = check(signal).then(
    () => true,
    () => false,
  );
  return Promise.race([answer, tooLate]);
}
