import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { DiskSpace } from '../state/disk-space.ts';
import { asAnswer, diskFull } from '../state/group-commit.ts';
import type { Answer } from './answer.ts';
import { BodyAborted } from './body.ts';
import { type Call, DEFAULT_VERSION, OWNER, type Permit, readTarget, type ServiceName } from './call.ts';
import { answerClientError } from './client-error.ts';
import { httpDate } from './date.ts';
import { errorAnswer } from './error-body.ts';
import { refusePages } from './guard.ts';
import { StorageError } from './storage-error.ts';
import { takesRoom } from './takes-room.ts';

/** Clients keep pooled connections for minutes: the side that lets go of an idle one should be theirs. */
const KEEP_ALIVE_MS = 120_000;

const INSUFFICIENT_STORAGE = 507;

interface ServerOptions {
  readonly service: ServiceName;
  /** Who asks, and what they may do; throws when it is nobody known. */
  readonly authorize: (call: Call) => Permit;
  readonly clock: () => number;
  readonly handle: (call: Call) => Promise<Answer>;
  readonly space: DiskSpace;
  /** Told of what should not have happened; without names or contents. */
  readonly onUnexpected: (error: unknown, what: string) => void;
}

/** One of the three endpoints: guard, signature, the service's own work, and an answer whatever happens. */
export function createStorageServer(options: ServerOptions): Server {
  const answer = (request: IncomingMessage, response: ServerResponse): void =>
    void serve(request, response, options, server);
  // Who names no host is refused by the guard, in the form of the service's errors.
  const server = createServer(
    { requestTimeout: 0, headersTimeout: 60_000, requireHostHeader: false },
    answer,
  );
  server.on('checkExpectation', answer);
  server.on('clientError', answerClientError);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.maxRequestsPerSocket = 0;
  return server;
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  options: ServerOptions,
  server: Server,
): Promise<void> {
  const requestId = randomUUID();
  const now = options.clock();
  let answer: Answer;
  try {
    refusePages(request);
    const call = readCall(request, options.service, requestId, now);
    call.permit = options.authorize(call);
    if (takesRoom(call) && options.space.isFull()) throw diskFull();
    answer = await options.handle(call);
  } catch (error) {
    if (error instanceof BodyAborted) {
      response.destroy();
      return;
    }
    answer = errorAnswer(known(error, request, options), options.service, request.method, requestId, now);
  }
  try {
    send(request, response, answer, requestId, server.listening);
  } catch (error) {
    // A header that HTTP cannot carry, say: one request fails then, not the process.
    options.onUnexpected(error, `${options.service} ${request.method}`);
    response.destroy();
  }
}

function known(
  error: unknown,
  { method }: IncomingMessage,
  { service, onUnexpected, space }: ServerOptions,
): StorageError {
  const answer = asAnswer(error);
  if (answer instanceof StorageError) {
    if (answer.status === INSUFFICIENT_STORAGE) space.ranOut();
    return answer;
  }
  onUnexpected(error, `${service} ${method}`);
  return new StorageError(
    500,
    'InternalError',
    'The server encountered an internal error. Please retry the request.',
  );
}

function readCall(request: IncomingMessage, service: ServiceName, requestId: string, now: number): Call {
  return {
    service,
    method: request.method ?? 'GET',
    headers: request.headers,
    rawHeaders: request.rawHeaders,
    body: request,
    ...readTarget(request.url ?? '/'),
    requestId,
    now,
    permit: OWNER,
  };
}

function send(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  requestId: string,
  listening: boolean,
): void {
  const { body } = answer;
  if (response.destroyed) {
    if (body instanceof Readable) body.destroy();
    return;
  }
  const headers: Record<string, string | number> = {
    server: 'Imaginem-Storage/1.0',
    'x-ms-request-id': requestId,
    'x-ms-version': String(request.headers['x-ms-version'] ?? DEFAULT_VERSION),
    date: httpDate(Date.now()),
    ...answer.headers,
  };
  const clientId = request.headers['x-ms-client-request-id'];
  if (clientId !== undefined) headers['x-ms-client-request-id'] = String(clientId);
  // A server that closes would otherwise wait for its clients to let go of their connections.
  if (!listening) headers.connection = 'close';
  if (body === undefined || typeof body === 'string' || Buffer.isBuffer(body)) {
    if (answer.status !== 204 && answer.status !== 304 && headers['content-length'] === undefined) {
      headers['content-length'] = body === undefined ? 0 : Buffer.byteLength(body);
    }
    response.writeHead(answer.status, headers);
    response.end(body);
    return;
  }
  response.writeHead(answer.status, headers);
  // Whoever hangs up, or a file that ends early: the connection is broken off, never a short body called whole.
  pipeline(body, response).catch(() => response.destroy());
}

/** @param port 0 takes a free one. @returns the port taken */
export async function listen(server: Server, host: string, port: number): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Lets requests under way finish, and drops idle connections. */
export function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  return promise;
}
