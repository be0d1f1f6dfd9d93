import { type Stub, type StubAnswer, type StubRequest, startStub } from './stub-server.ts';

export interface EngineProxy {
  readonly stub: Stub;
  readonly url: string;
  /** What was asked of the engine, as `POST /findsimilars`, in order. */
  readonly calls: string[];
  /** Looks at each call first: may answer it itself, or fail it. */
  before: (request: StubRequest, call: string) => Promise<StubAnswer | undefined> | StubAnswer | undefined;
  /** Looks at each answer of the engine: may replace it, its work being done. */
  after: (call: string, answer: StubAnswer) => StubAnswer;
}

/** Stands between the clients and the engine: counts, holds up, and loses what the engine itself never would. */
export async function startEngineProxy(engineUrl: string): Promise<EngineProxy> {
  const stub = await startStub(async (request) => {
    const call = `${request.method} ${request.path.replace(/^\/face\/v1\.0|^\/vision\/v3\.2/, '')}`;
    proxy.calls.push(call);
    const own = await proxy.before(request, call);
    if (own) return own;
    const response = await fetch(`${engineUrl}${request.url}`, {
      method: request.method,
      headers: { 'content-type': request.headers['content-type'] ?? 'application/json' },
      ...(request.body.length > 0 && { body: new Uint8Array(request.body) }),
    });
    const headers = { 'content-type': response.headers.get('content-type') ?? 'application/json' };
    return proxy.after(call, { status: response.status, headers, body: await response.text() });
  });
  const proxy: EngineProxy = {
    stub,
    url: stub.url,
    calls: [],
    before: () => undefined,
    after: (_, answer) => answer,
  };
  return proxy;
}
