import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Pieces that clients have sent so far: for a database, about one per request. */
  readonly requests: number;
  /** Refuses connections and cuts those there are, or takes them again. */
  cut(away: boolean): void;
  close(): Promise<void>;
}

/** Asked about every piece that a client sends. Everything it awaits holds the connection up. */
export interface PieceWarden {
  /** @returns `swallow`: the server is not to hear of it; `doomed`: the client is not to hear of the answer */
  before(): Promise<'swallow' | 'doomed' | undefined>;
  /** The answer to what was doomed has come. */
  after(): Promise<void>;
}

const NO_WARDEN: PieceWarden = { before: async () => undefined, after: async () => {} };

/** Stands before a server that does not speak HTTP, such as SQL Server. */
export async function startTcpProxy(
  target: { host: string; port: number },
  warden: PieceWarden = NO_WARDEN,
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let requests = 0;
  let away = false;
  const hold = (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  const server = createServer((client) => {
    hold(client);
    if (away) {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    hold(upstream);
    let doomed = false;
    upstream.on('data', (piece: Buffer) => {
      if (doomed) void warden.after();
      else client.write(piece);
    });
    upstream.once('close', () => client.destroy());
    client.once('close', () => upstream.destroy());
    // One after the other, so that nothing overtakes.
    let passing = Promise.resolve();
    client.on('data', (piece: Buffer) => {
      requests += 1;
      passing = passing.then(async () => {
        const verdict = await warden.before();
        if (verdict === 'swallow') return;
        doomed ||= verdict === 'doomed';
        upstream.write(piece);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    get requests() {
      return requests;
    },
    cut(next) {
      away = next;
      if (away) for (const socket of sockets) socket.destroy();
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Address of the server in an ADO connection string (`Server=tcp:host,1433;...`), and the string with another in its place. */
export function sqlAddress(connectionString: string): {
  host: string;
  port: number;
  via(port: number): string;
} {
  const pattern = /((?:^|;)\s*(?:server|data source)\s*=\s*)(?:tcp:)?([^,;]+)(?:,(\d+))?/i;
  const [, , host, port] = pattern.exec(connectionString) ?? [];
  if (host === undefined)
    throw new Error('The connection string names no server: it must have Server=host,port.');
  return {
    host: host.trim() === '.' ? 'localhost' : host.trim(),
    port: Number(port ?? 1433),
    via: (other) => connectionString.replace(pattern, `$1127.0.0.1,${other}`),
  };
}
