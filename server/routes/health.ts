import type { Context } from 'hono';

/** A neighbour to ask: resolves when it answers. */
export interface Neighbour {
  readonly name: string;
  readonly check: (signal: AbortSignal) => Promise<void>;
}

const PATIENCE_MILLISECONDS = 3000;

/** GET /health: 200 when every neighbour answers, else 503 naming those that do not. */
export function healthRoute(neighbours: readonly Neighbour[], version: string) {
  return async (c: Context): Promise<Response> => {
    const answers = await Promise.all(
      neighbours.map(async (n) => [n.name, await state(n)] as const),
    );
    const away = answers.filter(([, ok]) => !ok).map(([name]) => name);
    return c.json(
      {
        status: away.length === 0 ? 'healthy' : 'unhealthy',
        server: 'mcp-mlflow',
        version,
        checks: Object.fromEntries(answers.map(([name, ok]) => [name, ok ? 'ok' : 'no answer'])),
      },
      away.length === 0 ? 200 : 503,
    );
  };
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
