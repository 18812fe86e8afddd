import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/**
 * Stands between a client and a server, counts what the server sends, and can cut connections or refuse them.
 * @param options.closesAt how many bytes of the server's it closes at, once
 */
export async function startRelay(
  target: { readonly host: string; readonly port: number },
  { closesAt = Infinity }: { readonly closesAt?: number } = {},
) {
  const sockets = new Set<Socket>();
  let bytes = 0;
  let open = true;
  const server = createServer((client) => {
    if (!open) {
      client.destroy();
      return;
    }
    const upstream = connect(target.port, target.host);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    upstream.on('data', (chunk) => {
      const before = bytes;
      bytes += chunk.length;
      if (before < closesAt && bytes >= closesAt) setOpen(false);
    });
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  function setOpen(now: boolean): void {
    open = now;
    if (!open) cut();
  }
  return {
    port: (server.address() as AddressInfo).port,
    bytes: () => bytes,
    cut,
    /** Cuts all connections and lets none through, until it is opened again. */
    setOpen,
    stop(): Promise<void> {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
