import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import type { App } from '../app.ts';
import type { Log } from '../domain/ports.ts';
import type { StartUp } from '../start-up.ts';
import { AcceptedCounts } from './accepted.ts';
import { authorize } from './access.ts';
import type { ApiParts, Call, Handler } from './call.ts';
import { type Operation, type OperationName, operations } from './contract.ts';
import { refuseHidden } from './enquiry-photographs.ts';
import { handlers } from './handlers/index.ts';
import type { Person } from './person.ts';
import type { Platform } from './platform.ts';
import { ApiError, invalidInput, notFound, toApiError } from './problem.ts';
import { QueueDepths } from './queue-depths.ts';
import { bytesReply, jsonReply, problemReply } from './reply.ts';
import { fromPathId, KEYED_PREFIX } from './routes.ts';
import { DATA_HEADERS } from './security-headers.ts';
import { Thumbnails } from './thumbnails.ts';
import { WriteProbe } from './write-probe.ts';

/** What an invocation brings along besides the request. */
export interface Invocation {
  log: Log;
  signal: AbortSignal;
  /** Whether the host has checked a function key. */
  keyed?: boolean;
}

/** Largest JSON body, in characters. */
const MAX_JSON = 65_536;

/** The HTTP API over an app, or over the sentence that says why there is none. */
export class Api {
  readonly #parts: ApiParts | undefined;
  readonly #refusal: string | undefined;
  readonly #platform: () => Platform;

  /** @param platform asked at each call, for the embedded host knows its port only once it listens */
  constructor({ app, refusal }: StartUp, platform: () => Platform) {
    this.#parts = app && {
      app,
      refusal,
      accepted: new AcceptedCounts(app),
      depths: new QueueDepths(app),
      thumbnails: new Thumbnails(),
      writes: new WriteProbe(app),
    };
    this.#refusal = refusal;
    this.#platform = platform;
  }

  /** @throws {ApiError} where a setting is wrong */
  get app(): App {
    return this.#opened().app;
  }

  #opened(): ApiParts {
    if (this.#parts) return this.#parts;
    throw new ApiError(503, 'AppRefused', this.#refusal ?? 'The app could not be put together.');
  }

  /** Serves one operation. Never throws: what goes wrong is a problem document. */
  async serve<Name extends OperationName>(
    name: Name,
    request: HttpRequest,
    invocation: Invocation,
  ): Promise<HttpResponseInit> {
    return this.#answer(request, invocation, operations[name], (person) =>
      this.#call(name, request, request.params, person, invocation),
    );
  }

  /** Serves whatever operation is called below `machine/`: for registrations whose key the host checks. */
  async serveKeyed(request: HttpRequest, invocation: Invocation): Promise<HttpResponseInit> {
    const path = new URL(request.url).pathname.slice(1 + KEYED_PREFIX.length);
    const asked = request.method === 'HEAD' ? 'GET' : request.method;
    for (const name of Object.keys(operations) as OperationName[]) {
      const params = operations[name].method === asked && matchPath(operations[name].path, path);
      if (!params) continue;
      return this.#answer(request, { ...invocation, keyed: true }, operations[name], (person) =>
        this.#call(name, request, params, person, invocation),
      );
    }
    return this.#answer(request, { ...invocation, keyed: true }, { role: 'viewer' }, async () => {
      throw notFound('operation');
    });
  }

  /** Authorises, does the work, and says what went wrong where something does: also for routes that are no operation. */
  async guard(
    request: HttpRequest,
    invocation: Invocation,
    needs: Pick<Operation, 'role' | 'signedIn'> & { linkable?: boolean },
    work: (person: Person) => Promise<HttpResponseInit>,
  ): Promise<HttpResponseInit> {
    return this.#answer(request, invocation, needs, work);
  }

  async #answer(
    request: HttpRequest,
    { log, keyed = false }: Invocation,
    needs: Pick<Operation, 'role' | 'signedIn'> & { linkable?: boolean },
    work: (person: Person) => Promise<HttpResponseInit>,
  ): Promise<HttpResponseInit> {
    try {
      const { method, headers } = request;
      const { role, signedIn = false, linkable = false } = needs;
      return await work(authorize(this.#platform(), { method, headers, role, signedIn, keyed, linkable }));
    } catch (thrown) {
      const error = toApiError(thrown);
      if (error.status >= 500) log.error('api.failed', { code: error.code, cause: causeOf(thrown) });
      return problemReply(error);
    }
  }

  async #call<Name extends OperationName>(
    name: Name,
    request: HttpRequest,
    given: Readonly<Record<string, string>>,
    person: Person,
    { log, signal }: Invocation,
  ): Promise<HttpResponseInit> {
    const operation: Operation = operations[name];
    const parts = this.#opened();
    const call = {
      parts,
      app: parts.app,
      person,
      params: readParams(operation, given),
      query: operation.query && checked('query', operation.query, readQuery(request)),
      body: await readBody(operation, request),
      request,
      log,
      signal,
    } as unknown as Call<Name>;
    const { batch } = (call.query ?? {}) as { batch?: string };
    await refuseHidden(parts.app, person, {
      ...(batch !== undefined && { batch }),
      ...(call.params as Record<string, string>),
    });
    const handler = handlers[name] as unknown as Handler<Name>;
    const answer = await handler(call);
    if (answer === null) return { status: 204, headers: { ...DATA_HEADERS, 'cache-control': 'no-store' } };
    if (operation.answer !== null && 'contentTypes' in operation.answer) {
      return bytesReply(request, answer as Parameters<typeof bytesReply>[1]);
    }
    return jsonReply(request, answer, operation.status);
  }
}

function checked<S extends z.ZodType>(where: string, schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw invalidInput(where, parsed.error);
  return parsed.data;
}

function readParams({ path }: Operation, given: Readonly<Record<string, string>>): Record<string, string> {
  const params: Record<string, string> = {};
  for (const [, name = ''] of path.matchAll(/\{(\w+)\}/g)) {
    const value = fromPathId(given[name] ?? '');
    if (value === undefined || value === '' || value.length > 2000 || climbs(value)) throw notFound(name);
    params[name] = value;
  }
  return params;
}

/**
 * Whether an id has a segment of dots. Every client of storage folds those away before it asks, and would so ask for
 * something else than was named.
 */
const climbs = (id: string): boolean => id.split(/[\\/]/).some((part) => part === '.' || part === '..');

/** From the address itself: the platform joins values of one name with commas, which names may contain. */
function readQuery(request: HttpRequest): Record<string, string | string[]> {
  const query: Record<string, string | string[]> = {};
  const { searchParams } = new URL(request.url);
  for (const name of new Set(searchParams.keys())) {
    // How function keys may be sent; the host has looked at them.
    if (name === 'code' || name === 'clientId') continue;
    const values = searchParams.getAll(name);
    query[name] = values.length === 1 ? (values[0] ?? '') : values;
  }
  return query;
}

async function readBody({ body, maxJson = MAX_JSON }: Operation, request: HttpRequest): Promise<unknown> {
  if (body === undefined || 'contentTypes' in body) return undefined;
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    throw new ApiError(415, 'JsonExpected', 'Send JSON, with the header Content-Type: application/json.');
  }
  const tooLarge = () => new ApiError(413, 'BodyTooLarge', `At most ${maxJson} characters are taken here.`);
  // A character has at most three bytes in UTF-8.
  if (Number(request.headers.get('content-length')) > 3 * maxJson) throw tooLarge();
  const text = await request.text();
  if (text.length > maxJson) throw tooLarge();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'InvalidJson', 'The body is not JSON: check its quotes, commas and brackets.');
  }
  return checked('body', body, value);
}

function matchPath(template: string, path: string): Record<string, string> | undefined {
  const parts = template.split('/');
  const given = path.split('/');
  if (parts.length !== given.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, part] of parts.entries()) {
    const value = given[index] ?? '';
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    if (name !== undefined) params[name] = value;
    else if (part !== value) return undefined;
  }
  return params;
}

/** The class of an error and its system code: its text may quote data. */
function causeOf(thrown: unknown): string {
  const { name, code } = (thrown ?? {}) as { name?: unknown; code?: unknown };
  return [name, code].filter((part) => typeof part === 'string').join(' ');
}
