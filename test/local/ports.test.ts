import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort, isPortFree, portHolder } from '../../local/ports.ts';

const servers: Server[] = [];

async function listen(host: string): Promise<number> {
  const server = createServer();
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return (server.address() as AddressInfo).port;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

describe('ports', () => {
  it.each(['127.0.0.1', '0.0.0.0', '::'])('sees a listener on %s and who it is', async (host) => {
    const port = await listen(host);

    expect(await isPortFree(port)).toBe(false);
    const holder = await portHolder(port);
    expect(holder?.pid).toBe(process.pid);
    expect(holder?.command).toContain('vitest');
  });

  it('finds a port that is free, and nobody on it', async () => {
    const port = await freePort();

    expect(await isPortFree(port)).toBe(true);
    expect(await portHolder(port)).toBeUndefined();
  });
});
