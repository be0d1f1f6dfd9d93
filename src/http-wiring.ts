import { app as functions, type HttpMethod, type HttpRequest, type HttpResponseInit } from '@azure/functions';
import type { Api, Invocation } from './api/api.ts';
import { type OperationName, operations, type Role } from './api/contract.ts';
import type { Health } from './api/health/health.ts';
import { KEYED_PREFIX, PAGE_ROOT, paths } from './api/routes.ts';
import { leftOut, logOf, shutdownSignal, standing } from './wiring.ts';

let serving: Promise<Api> | undefined;

/** Loaded at the first call, which on most instances never comes. */
function theApi(): Promise<Api> {
  serving ??= (async () => {
    const [{ Api }, { readPlatform }] = await Promise.all([
      import('./api/api.ts'),
      import('./api/platform.ts'),
    ]);
    return new Api(standing, () => readPlatform(process.env));
  })();
  return serving;
}

interface Route {
  readonly route: string;
  readonly methods: readonly ('GET' | 'POST' | 'PUT' | 'DELETE')[];
  /** Who is let in, by the API's own gate; `keyed`: once the host has checked a function key. */
  readonly role: Role;
  readonly keyed?: boolean;
  /** Whether a person may come here by a link from another site. */
  readonly linkable?: boolean;
  serve(request: HttpRequest, api: Api): Promise<HttpResponseInit>;
}

/** Whoever may GET may ask for the headers alone (RFC 9110, 9.1); the platform leaves out the body. */
const withHead = (methods: readonly HttpMethod[]): HttpMethod[] =>
  methods.includes('GET') ? [...methods, 'HEAD'] : [...methods];

/**
 * Registers a route that is no operation. Its caller goes through the API's gate (`api/access.ts`) before anything is
 * done: `anonymous` is what the host is told where people come, for they have no function keys.
 */
function register(name: string, { route, methods, role, keyed = false, linkable, serve }: Route): void {
  functions.http(name, {
    route,
    methods: withHead(methods),
    authLevel: keyed ? 'function' : 'anonymous',
    handler: async (request, context) => {
      const api = await theApi();
      const invocation: Invocation = { log: logOf(context), signal: shutdownSignal, keyed };
      return api.guard(request, invocation, { role, ...(linkable && { linkable }) }, () =>
        serve(request, api),
      );
    },
  });
}

let asking: Promise<() => Promise<Health>> | undefined;

/** Opened at the first question, which on most instances never comes. */
function theHealth(): Promise<() => Promise<Health>> {
  asking ??= (async () => {
    const [{ healthOf }, { checksOf }] = await Promise.all([
      import('./api/health/health.ts'),
      import('./api/health/checks.ts'),
    ]);
    return healthOf(checksOf({ ...standing, leftOut }), Date.now);
  })();
  return asking;
}

async function answerHealth(whole: boolean): Promise<HttpResponseInit> {
  const health = await (await theHealth())();
  return {
    status: health.status === 'ok' ? 200 : 503,
    headers: { 'cache-control': 'no-store' },
    jsonBody: whole ? health : { status: health.status },
  };
}

/**
 * Registers the health endpoint: whether all is well for anybody, the one route without the gate; what is wrong for
 * holders of a function key.
 */
export function registerHealth(): void {
  functions.http('health', {
    route: 'api/health',
    methods: withHead(['GET']),
    authLevel: 'anonymous',
    handler: () => answerHealth(false),
  });
  register('health-details', {
    route: 'api/health/details',
    methods: ['GET'],
    role: 'viewer',
    keyed: true,
    serve: () => answerHealth(true),
  });
}

/** Registers every operation of the HTTP API, its document, and the same operations for machines. */
export function registerApi(): void {
  for (const [name, { method, path }] of Object.entries(operations)) {
    functions.http(`api-${name}`, {
      route: path,
      methods: withHead([method]),
      authLevel: 'anonymous',
      handler: async (request, context) =>
        (await theApi()).serve(name as OperationName, request, {
          log: logOf(context),
          signal: shutdownSignal,
        }),
    });
  }
  register('api-openapi', {
    route: paths.openapi,
    methods: ['GET'],
    role: 'viewer',
    serve: async (request) => (await import('./api/openapi.ts')).serveOpenapi(request),
  });
  // For machines: the same operations behind a key that the host itself checks.
  functions.http('api-machine', {
    route: `${KEYED_PREFIX}{*operation}`,
    methods: withHead(['GET', 'POST', 'PUT', 'DELETE']),
    authLevel: 'function',
    handler: async (request, context) =>
      (await theApi()).serveKeyed(request, { log: logOf(context), signal: shutdownSignal }),
  });
}

/** Registers the page: the files that the build has put into `dist/dashboard`. */
export function registerDashboard(): void {
  register('dashboard', {
    route: `${PAGE_ROOT.slice(1)}{*file}`,
    methods: ['GET'],
    role: 'viewer',
    linkable: true,
    serve: async (request) => (await import('./api/page.ts')).servePage(request),
  });
}

/** Registers the dependency resolver of 2017. */
export function registerResolver(): void {
  register('pipeline-resolve', {
    route: 'api/pipeline/resolve',
    methods: ['GET', 'POST'],
    role: 'viewer',
    keyed: true,
    serve: async (request, api) =>
      (await import('./api/pipeline-resolve.ts')).pipelineResolve(request, api.app),
  });
}
