import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Log } from '../../../domain/ports.ts';
import { gatewayErrors, ServiceError } from '../errors.ts';
import { BodyAbortedError, drainBody } from './body.ts';
import { refusePages } from './guard.ts';
import { type Line, Turn } from './line.ts';
import { type EngineRequest, matchRoute, type Reply, type Route } from './router.ts';
import type { Throttle } from './throttle.ts';

interface ServerOptions {
  routes: readonly Route[];
  /** The key every call must bring; undefined accepts any key, any token and none. */
  key: string | undefined;
  throttles: { vision: Throttle; face: Throttle };
  /** The calls that wait for the models. */
  line: Line;
  log: Log;
}

/** The gateway of both services: key, rate, route, and an answer for whatever goes wrong behind it. */
export function createEngineServer(options: ServerOptions): Server {
  const server = createServer((request, response) => {
    const requestId = randomUUID();
    const gone = new AbortController();
    response.once('close', () => gone.abort(new BodyAbortedError('The client went away.')));
    const turn = new Turn(options.line, gone.signal);
    answer(request, { requestId, turn }, options, server.address())
      .finally(() => turn.end())
      .catch((error: unknown) => {
        if (error instanceof BodyAbortedError) throw error;
        return unexpected(error, request, options.log);
      })
      .then(async (reply) => {
        await drainBody(request);
        // A server that is closing would otherwise wait for its clients to let go of their connections.
        send(response, reply, requestId, request.complete && server.listening);
      })
      .catch(() => response.destroy());
  });
  // Longer than the keep-alive of any client in use, so that the client is the one to close an idle connection.
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = 60_000;
  return server;
}

async function answer(
  request: IncomingMessage,
  call: Pick<EngineRequest, 'requestId' | 'turn'>,
  options: ServerOptions,
  address: AddressInfo | string | null,
): Promise<Reply> {
  const url = parseUrl(request.url);
  if (!url) return toReply(gatewayErrors.resourceNotFound());
  try {
    refusePages(request, address);
    if (options.key !== undefined && !carriesKey(request, url, options.key))
      throw gatewayErrors.accessDenied();
    const throttle = options.throttles[url.pathname.startsWith('/face/') ? 'face' : 'vision'];
    const seconds = throttle.refusal();
    if (seconds !== undefined) throw gatewayErrors.rateLimited(seconds);
    const match = matchRoute(options.routes, request.method ?? '', url.pathname);
    if (!match) throw gatewayErrors.resourceNotFound();
    return await match.route.handle({
      raw: request,
      query: url.searchParams,
      params: match.params,
      origin: `http://${request.headers.host ?? url.host}`,
      ...call,
    });
  } catch (error) {
    if (error instanceof ServiceError) return toReply(error);
    throw error;
  }
}

const toReply = (error: ServiceError): Reply => ({
  status: error.status,
  body: error.body,
  headers: error.headers,
});

function unexpected(error: unknown, request: IncomingMessage, log: Log): Reply {
  // The route only: a query can carry user data.
  log.error('engine.unexpected', {
    method: request.method,
    path: request.url?.split('?')[0],
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return {
    status: 500,
    body: { error: { code: 'InternalServerError', message: 'Internal server error.' } },
  };
}

function send(response: ServerResponse, reply: Reply, requestId: string, keepAlive: boolean): void {
  if (response.destroyed) return;
  const body = reply.body === undefined ? Buffer.alloc(0) : Buffer.from(JSON.stringify(reply.body));
  response.writeHead(reply.status, {
    ...(reply.body === undefined ? {} : { 'content-type': 'application/json; charset=utf-8' }),
    'content-length': body.length,
    'apim-request-id': requestId,
    ...(keepAlive ? {} : { connection: 'close' }),
    ...reply.headers,
  });
  response.end(body);
}

function parseUrl(target: string | undefined): URL | undefined {
  try {
    return new URL(target ?? '/', 'http://engine.invalid');
  } catch {
    return undefined;
  }
}

function carriesKey(request: IncomingMessage, url: URL, key: string): boolean {
  return (
    request.headers['ocp-apim-subscription-key'] === key ||
    url.searchParams.get('subscription-key') === key ||
    request.headers.authorization === `Bearer ${key}`
  );
}
