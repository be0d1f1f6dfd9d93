import { once } from 'node:events';
import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { callOf, type Service, type WireRequest } from './calls.ts';
import { DONE_ALL_THE_SAME, type Fault, play, SLOW_MS, type WireAnswer } from './faults.ts';

/** Asked about every request. Everything it awaits holds the request up. */
interface Warden {
  /** Before the service hears of it. @returns a fault to play instead, or `swallow`: no answer, the caller being dead */
  before(request: WireRequest): Promise<Fault | 'swallow' | undefined>;
  /** After the service has answered, before the caller hears of it. */
  after(request: WireRequest, answer: WireAnswer): Promise<'swallow' | undefined>;
}

export interface ReverseProxy {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  /** Requests that came while there was nowhere to go. */
  readonly refused: number;
  /** Where requests go from now on; undefined: connections are refused, as by a service that is down. */
  aim(target: string | undefined): void;
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

/**
 * Stands before one HTTP service. Path, query and `Host` are passed on as they come: storage signatures cover the path,
 * and services build addresses in their answers from `Host`, which so lead through the proxy again.
 */
export async function startProxy(service: Service, target: string, warden: Warden): Promise<ReverseProxy> {
  let aim: URL | undefined = new URL(target);
  let agent = new Agent({ keepAlive: true });
  let running = 0;
  let refused = 0;

  async function forward(request: IncomingMessage, body: Buffer): Promise<WireAnswer> {
    if (!aim) throw new Error('The service is down.');
    const outgoing = send({
      host: aim.hostname,
      port: aim.port,
      method: request.method,
      path: request.url,
      headers: { ...request.headers, connection: 'keep-alive' },
      agent,
    });
    outgoing.end(body);
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
    const headers = Object.fromEntries(
      Object.entries(answer.headers).filter(([name, value]) => !HOP_BY_HOP.has(name) && value !== undefined),
    ) as WireAnswer['headers'];
    return { status: answer.statusCode ?? 502, headers, body: await read(answer) };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/' } = request;
    const body = await read(request);
    const { headers } = request;
    const seen: WireRequest = { service, method, url, body, headers, call: callOf(service, method, url) };
    const verdict = await warden.before(seen);
    if (verdict === 'swallow') return;
    if (verdict !== undefined && !DONE_ALL_THE_SAME.has(verdict)) return play(verdict, service, response);
    const answer = await forward(request, body);
    if ((await warden.after(seen, answer)) === 'swallow') return;
    if (verdict === 'slow') await pause(SLOW_MS);
    else if (verdict !== undefined) return play(verdict, service, response, answer);
    const length =
      method === 'HEAD' || answer.status === 204 || answer.status === 304
        ? {}
        : { 'content-length': answer.body.length };
    response.writeHead(answer.status, { ...answer.headers, ...length });
    response.end(answer.body);
  }

  const server = createServer((request, response) => {
    if (!aim) {
      refused += 1;
      request.socket.destroy();
      return;
    }
    running += 1;
    handle(request, response)
      .catch(() => response.destroy())
      .finally(() => {
        running -= 1;
      });
  });
  server.keepAliveTimeout = 75_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    aim(next) {
      aim = next === undefined ? undefined : new URL(next);
    },
    async idle() {
      while (running > 0) await pause(10);
      agent.destroy();
      agent = new Agent({ keepAlive: true });
    },
    async close() {
      server.close();
      server.closeAllConnections();
      agent.destroy();
    },
  };
}

async function read(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
