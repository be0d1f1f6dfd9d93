import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

export interface StubRequest {
  method: string;
  /** Path and query as sent. */
  url: string;
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface StubAnswer {
  status?: number;
  headers?: Record<string, string>;
  /** Sent as JSON unless it is text. */
  body?: unknown;
  /** Cuts the connection: before any answer, or after half of the body. */
  cut?: 'at once' | 'half way';
  /** Never answers. */
  hang?: boolean;
}

type StubHandler = (request: StubRequest) => StubAnswer | Promise<StubAnswer>;

export interface Stub {
  readonly url: string;
  readonly requests: StubRequest[];
  answer: StubHandler;
  close(): Promise<void>;
}

/**
 * A loopback server whose answers, good and bad, a test decides: for faults the engine cannot make on demand.
 *
 * @param tls certificate for `localhost` and its key, in PEM: it then speaks https
 */
export async function startStub(
  answer: StubHandler,
  tls?: { readonly cert: string; readonly key: string },
): Promise<Stub> {
  const sockets = new Set<Socket>();
  const requests: StubRequest[] = [];
  const listener: RequestListener = async (incoming, response) => {
    const request = await readRequest(incoming);
    requests.push(request);
    send(response, await stub.answer(request));
  };
  const server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const stub: Stub = {
    url: `${tls ? 'https://localhost' : 'http://127.0.0.1'}:${(server.address() as AddressInfo).port}`,
    requests,
    answer,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
  return stub;
}

async function readRequest(incoming: IncomingMessage): Promise<StubRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const url = new URL(incoming.url ?? '/', 'http://stub');
  return {
    method: incoming.method ?? '',
    url: incoming.url ?? '/',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: Buffer.concat(chunks),
  };
}

function send(response: ServerResponse, answer: StubAnswer): void {
  if (answer.hang) return;
  if (answer.cut === 'at once') {
    response.socket?.destroy();
    return;
  }
  const isText = typeof answer.body === 'string';
  const text = answer.body === undefined ? '' : isText ? String(answer.body) : JSON.stringify(answer.body);
  response.writeHead(answer.status ?? 200, {
    'content-type': isText ? 'text/plain' : 'application/json; charset=utf-8',
    ...(answer.cut === 'half way' && { 'content-length': String(text.length) }),
    ...answer.headers,
  });
  if (answer.cut === 'half way') {
    response.write(text.slice(0, text.length / 2), () => response.socket?.destroy());
    return;
  }
  response.end(text);
}
