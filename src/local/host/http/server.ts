import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Invoke } from '../app/invoke.ts';
import type { RegisteredFunction } from '../app/registry.ts';
import type { HostLog } from '../log.ts';
import { Bodies, type BodyLimits, BodyRefusedError, DEFAULT_BODY_LIMITS } from './body.ts';
import { foreignBody } from './guard.ts';
import { toHttpData, writeResponse } from './message.ts';
import type { Route } from './route.ts';
import { passThrough, streamMetadata } from './stream.ts';

/** Loopback only: nothing outside this machine reaches the host. */
const HOSTNAME = '127.0.0.1';

export interface HttpFunction {
  readonly fn: RegisteredFunction;
  readonly bindingName: string;
  readonly route: Route;
  /** In capitals. */
  readonly methods: ReadonlySet<string>;
}

interface HttpServerOptions {
  /** 0 for a free one. */
  readonly port: number;
  readonly functions: readonly HttpFunction[];
  /** Whether the host shows its own page where the app has none; the setting `AzureWebJobsDisableHomepage` says no. */
  readonly homepage: boolean;
  /** Address of the library's streaming proxy, when the app has switched streaming on. */
  readonly streamProxy: string | undefined;
  readonly log: HostLog;
  readonly invoke: Invoke;
  /** What bodies may cost, where it is not `DEFAULT_BODY_LIMITS`. */
  readonly bodies?: Partial<BodyLimits>;
}

export interface HttpServer {
  /** Without a slash at its end. */
  readonly url: string;
  /** Takes no more requests; resolves when those under way are answered. */
  stop(): Promise<void>;
  /** Cuts the connections that `stop` is still waiting for. */
  abort(): void;
}

/**
 * Serves the app's HTTP functions on loopback. `authLevel` is not enforced, as in the platform's own local tools; `Host`
 * and `Origin` are the app's to check, and this host's before it takes in a body.
 *
 * @throws when the port is taken
 */
export async function serveHttp(options: HttpServerOptions): Promise<HttpServer> {
  const { log, invoke, streamProxy } = options;
  const limits = { ...DEFAULT_BODY_LIMITS, ...options.bodies };
  const bodies = new Bodies(limits);
  const functions = [...options.functions].sort((a, b) => a.route.rank.localeCompare(b.route.rank));

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = parseUrl(request);
    if (url === undefined) {
      response.writeHead(400).end();
      return;
    }
    const matches = functions.flatMap((candidate) => {
      const params = candidate.route.match(url.pathname);
      return params === undefined ? [] : [{ ...candidate, params }];
    });
    const match = matches.find(({ methods }) => methods.has(request.method ?? ''));
    if (match === undefined && url.pathname === '/') {
      answerHomepage(response, options.homepage);
      return;
    }
    if (match === undefined) {
      const allow = [...new Set(matches.flatMap(({ methods }) => [...methods]))].join(', ');
      response.writeHead(matches.length === 0 ? 404 : 405, allow === '' ? {} : { allow }).end();
      return;
    }
    const foreign = foreignBody(request, (server.address() as AddressInfo).port);
    if (foreign !== undefined) throw new BodyRefusedError(403, foreign.code, foreign.sentence);
    const { fn, bindingName, params } = match;
    if (streamProxy !== undefined) {
      const invocationId = randomUUID();
      passThrough(streamProxy, invocationId, request, response);
      const metadata = streamMetadata(request, params);
      await invoke(fn, { bindingName, data: { http: {} }, metadata, invocationId }).catch(() => {});
      return;
    }
    const { bytes, release } = await bodies.read(request, url.pathname);
    response.once('close', release);
    const http = toHttpData(request, url, params, bytes);
    const { returnValue } = await invoke(fn, { bindingName, data: { http } });
    writeResponse(response, returnValue);
  }

  const unanswered = new Set<ServerResponse>();
  const times = { headersTimeout: limits.headersMs, requestTimeout: limits.requestMs };
  const looking = { connectionsCheckingInterval: Math.min(5000, limits.headersMs / 2) };
  const server = createServer({ ...times, ...looking }, (request, response) => {
    unanswered.add(response);
    response.once('close', () => unanswered.delete(response));
    answer(request, response).catch((error) => {
      if (response.headersSent) response.destroy();
      else if (error instanceof BodyRefusedError) refuse(request, response, error);
      else response.writeHead(500).end();
    });
  });
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(options.port, HOSTNAME, resolve);
  await listening;
  server.on('error', (error) => log.system('error', `HTTP server: ${error.message}`));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://${HOSTNAME}:${port}`,
    stop() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeIdleConnections();
      // Kept-alive connections would hold the server open after their last answer.
      for (const response of unanswered) response.shouldKeepAlive = false;
      return closed.promise;
    },
    abort: () => server.closeAllConnections(),
  };
}

/** How long a client that is still sending may read its answer before the connection is cut, in milliseconds. */
const PARTING_MS = 1000;

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, code, message }: BodyRefusedError,
): void {
  const headers = { connection: 'close', ...(status === 503 && { 'retry-after': '5' }) };
  if (message === '') response.writeHead(status, headers).end();
  else {
    response.writeHead(status, { ...headers, 'content-type': 'application/problem+json' });
    response.end(JSON.stringify({ type: 'about:blank', title: 'Not taken', status, detail: message, code }));
  }
  // What is still under way is thrown away: a connection that is reset at once loses the answer with it.
  request.resume();
  setTimeout(() => request.socket.destroy(), PARTING_MS).unref();
}

function answerHomepage(response: ServerResponse, shown: boolean): void {
  if (!shown) {
    response.writeHead(204).end();
    return;
  }
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!doctype html><title>Functions</title><p>Your Functions app is up and running.</p>\n');
}

/** The address as the caller wrote it, with the name it used for this host. */
function parseUrl(request: IncomingMessage): URL | undefined {
  const base = `http://${request.headers.host ?? HOSTNAME}`;
  const path = request.url ?? '/';
  // A name and a password before the host, or a path behind it: no client writes that into Host (RFC 9110, 7.2).
  if (/[@/?#\\\s]/.test(request.headers.host ?? '')) return undefined;
  if (!path.startsWith('/') || !URL.canParse(base + path)) return undefined;
  return new URL(base + path);
}
