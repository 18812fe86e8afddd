import { connect, type Socket } from 'node:net';

/** What came back on a connection until the server closed it, or until `enough` of it was there. */
export interface RawAnswer {
  readonly text: string;
  readonly status: number | undefined;
  /** How the connection ended: the server closed it, or we did, as there was enough. */
  readonly closed: boolean;
}

export interface RawOptions {
  readonly localAddress?: string;
  /** Sent after it has been written, piece by piece, for as long as the connection is open. */
  readonly drip?: { readonly piece: string | Buffer; readonly everyMs: number };
}

/** Sends bytes as they are, as no HTTP client would. Resolves at the connection’s end, or at the first answer. */
export async function rawRequest(
  port: number,
  bytes: string | Buffer,
  enough: (text: string) => boolean = () => false,
  { localAddress, drip }: RawOptions = {},
): Promise<RawAnswer> {
  return new Promise((resolve) => {
    const socket: Socket = connect({
      host: '127.0.0.1',
      port,
      ...(localAddress && { localAddress }),
    });
    let text = '';
    const timer =
      drip && setInterval(() => void (socket.writable && socket.write(drip.piece)), drip.everyMs);
    const end = (closed: boolean): void => {
      clearInterval(timer);
      socket.destroy();
      const status = /^HTTP\/1\.1 (\d{3})/.exec(text)?.[1];
      resolve({ text, status: status === undefined ? undefined : Number(status), closed });
    };
    socket.on('data', (piece) => {
      text += piece.toString('latin1');
      if (enough(text)) end(false);
    });
    // A reset is an end like another.
    socket.on('error', () => undefined);
    socket.on('close', () => end(true));
    socket.write(bytes);
  });
}

/** True when a whole answer with a declared length is there. */
export function oneAnswer(text: string): boolean {
  const [head, ...rest] = text.split('\r\n\r\n');
  const length = /^content-length: (\d+)$/im.exec(head ?? '')?.[1];
  return (
    length !== undefined && Buffer.byteLength(rest.join('\r\n\r\n'), 'latin1') >= Number(length)
  );
}
