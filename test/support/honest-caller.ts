import { Agent, request } from 'node:http';

/** A caller with an address of its own, who minds how long it takes. */
export interface HonestCaller {
  /** GET. @returns the status */
  get(path: string): Promise<number>;
  /** POST /invoke. @throws Error when the tool failed */
  invoke(tool: string, params: object): Promise<Record<string, unknown>>;
  /** Of the calls so far, by their name; waits of experiments are not among them. */
  readonly milliseconds: ReadonlyMap<string, readonly number[]>;
}

/** @param headers of every request, such as a key */
export function createHonestCaller(
  port: number,
  localAddress: string,
  headers: Readonly<Record<string, string>> = {},
): HonestCaller {
  const agent = new Agent({ keepAlive: true });
  const milliseconds = new Map<string, number[]>();
  const call = (name: string, method: string, path: string, body?: string) => {
    const startedAt = performance.now();
    return new Promise<{ status: number; text: string }>((resolve, reject) => {
      const sent = request(
        {
          ...{ host: '127.0.0.1', port, localAddress, agent, method, path },
          headers: {
            ...headers,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
        },
        (answer) => {
          let text = '';
          answer.setEncoding('utf8');
          answer.on('data', (piece: string) => (text += piece));
          answer.on('error', reject);
          answer.on('end', () => {
            const taken = milliseconds.get(name) ?? [];
            milliseconds.set(name, [...taken, performance.now() - startedAt]);
            resolve({ status: answer.statusCode ?? 0, text });
          });
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  };
  return {
    milliseconds,
    get: async (path) => (await call(path, 'GET', path)).status,
    async invoke(tool, params) {
      const { text } = await call(tool, 'POST', '/invoke', JSON.stringify({ tool, params }));
      const { result, error } = JSON.parse(text) as {
        readonly result: Record<string, unknown> | null;
        readonly error: string | null;
      };
      if (!result) throw new Error(error ?? 'no result');
      return result;
    },
  };
}
