import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OutageError, PermanentError, RateLimitedError } from '../../src/domain/errors.ts';
import type { Columns, Table } from '../../src/storage/tables.ts';
import { toVisionError } from '../../src/vision/error-mapping.ts';
import { VisionCallError } from '../../src/vision/errors.ts';
import { visionHttpClient } from '../../src/vision/http-client.ts';
import { tableThrottle } from '../../src/vision/throttle.ts';

describe('a request', () => {
  /** A service on loopback. @returns what it was asked, and its address */
  async function service(
    answer: (request: IncomingMessage, response: ServerResponse, index: number) => void,
  ) {
    const asked: { method: string; path: string; headers: IncomingHttpHeaders; body: string }[] = [];
    const server = createServer(async (request, response) => {
      const { method = '', url: path = '', headers } = request;
      asked.push({ method, path, headers, body: await text(request) });
      answer(request, response, asked.length);
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { asked, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const send = (given: object) =>
    visionHttpClient('Face', (raw) => raw as never).sendRequest({
      ...{ method: 'POST', headers: { rawHeaders: () => ({ a: 'b' }) } },
      operationSpec: { responses: { 200: { bodyMapper: {} }, 202: {} } },
      ...given,
    } as never);
  const json = (response: ServerResponse, body = '{"a":1}') =>
    response.writeHead(200, { 'content-type': 'application/json', b: 'c' }).end(body);

  /** How often a request is sent to a service that closes each connection before it answers. */
  async function tries(path: string, given: object = {}) {
    const { asked, url } = await service((request) => request.socket.destroy());
    const error = await send({ url: `${url}${path}`, ...given }).catch((thrown: unknown) => thrown);
    return { times: asked.length, error };
  }

  test('whose connection was closed before it was read is sent once more, unless it could add a face twice', async () => {
    const detect = await tries('/face/v1.0/detect');
    expect(detect).toMatchObject({ times: 2, error: { code: 'ECONNRESET', request: {} } });
    const faces = '/face/v1.0/largefacelists/l/PersistedFaces';
    expect((await tries(`${faces}?userData=a`)).times).toBe(1);
    expect((await tries(faces, { method: 'GET' })).times).toBe(2);
    expect((await tries(`${faces}/1`)).times).toBe(2);
    expect((await tries(faces, { abortSignal: AbortSignal.abort() })).times).toBe(0);
    expect((await tries('/detect', { abortSignal: new AbortController().signal })).times).toBe(2);
    const { asked, url } = await service((request, response, index) =>
      index === 1 ? request.socket.destroy() : json(response),
    );
    expect(await send({ url })).toMatchObject({ status: 200, bodyAsText: '{"a":1}' });
    expect(asked).toHaveLength(2);
  });

  test('that is given up while it waits is not sent again', async () => {
    const stop = new AbortController();
    const { asked, url } = await service(() => stop.abort());
    await expect(send({ url, abortSignal: stop.signal })).rejects.toMatchObject({ name: 'AbortError' });
    expect(asked).toHaveLength(1);
  });

  test('that failed otherwise is not sent again', async () => {
    const { url } = await service(() => {});
    const closed = createServer();
    await once(closed.listen(0, '127.0.0.1'), 'listening');
    const { port } = closed.address() as AddressInfo;
    await promisify(closed.close.bind(closed))();
    const refused = send({ url: url.replace(/\d+$/, String(port)) });
    await expect(refused).rejects.toMatchObject({ code: 'ECONNREFUSED', request: {} });
  });

  test.each([
    ['a length', { 'content-length': '100' }],
    ['chunks', {}],
  ])('whose answer breaks off, told by %s, has none, and is not sent again', async (_, headers) => {
    const { asked, url } = await service((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers });
      response.write('[{"faceId":"half', () => response.destroy());
    });
    await expect(send({ url })).rejects.toMatchObject({ code: 'ECONNRESET', request: {} });
    expect(asked).toHaveLength(1);
  });

  test('asks for an answer that is not packed, for nothing here unpacks one, and reads past a mark of its encoding', async () => {
    const { asked, url } = await service((_request, response) => json(response, '\uFEFF{"a":1}'));
    expect(await send({ url })).toMatchObject({ bodyAsText: '{"a":1}' });
    expect(asked[0]?.headers['accept-encoding']).toBe('identity');
  });

  test('whose connection the service does not close has it let go of within seconds, where no other follows', async () => {
    const { url, server } = await service((_request, response) => json(response));
    // As services that close nothing of their own do.
    server.keepAliveTimeout = 0;
    const count = promisify(server.getConnections.bind(server));
    const open = () => count();
    await send({ url });
    expect(await open()).toBe(1);
    await expect.poll(open).toBe(0);
  });

  test('carries what it is given, follows no redirect, and gives back all of the answer', async () => {
    const { asked, url } = await service((request, response) =>
      request.url === '/moved' ? response.writeHead(302, { location: '/' }).end() : json(response),
    );
    const bytes = randomBytes(300_000);
    expect(await send({ url: `${url}/detect?x=1`, body: bytes })).toMatchObject({
      ...{ status: 200, bodyAsText: '{"a":1}', headers: { b: 'c' } },
    });
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/detect?x=1', headers: { a: 'b' } });
    expect(asked[0]?.headers['content-length']).toBe('300000');
    expect(asked[0]?.body).toBe(bytes.toString('utf8'));
    await send({ url, body: '{"é":1}' });
    expect(asked[1]?.body).toBe('{"é":1}');
    await send({ url, method: 'GET' });
    expect(asked[2]).toMatchObject({ method: 'GET', body: '' });
    expect(await send({ url: `${url}/moved` })).toMatchObject({ status: 302 });
    expect(asked).toHaveLength(4);
  });

  test.each([
    ['no JSON', 200, 'text/html', '<html>', true],
    ['no type', 200, undefined, 'x', true],
    ['nothing', 200, 'application/json', '', true],
    ['null', 200, 'application/json', ' null\n', true],
    ['JSON by another name', 200, 'text/json; charset=utf-8', '[]', false],
    ['no JSON where none is due', 202, 'text/html', 'x', false],
    ['an error that is no JSON', 500, 'text/html', 'x', false],
    ['a status that is not described', 201, 'text/html', 'x', false],
    ['an answer of the next kind', 300, 'text/html', 'x', false],
  ])('that is answered by %s', async (_, status, type, body, refused) => {
    const { url } = await service((_request, response) =>
      response.writeHead(status, type === undefined ? {} : { 'content-type': type }).end(body),
    );
    const sent = send({
      url: `${url}/detect`,
      operationSpec: {
        responses: { 200: { bodyMapper: {} }, 202: {}, 300: { bodyMapper: {} }, 500: { bodyMapper: {} } },
      },
    });
    if (refused)
      await expect(sent).rejects.toMatchObject({
        ...{ code: 'VisionUnexpectedAnswer', message: expect.stringContaining('answered detect with') },
      });
    else await expect(sent).resolves.toMatchObject({ status, bodyAsText: body });
  });
});

describe('what was thrown becomes', () => {
  const NOW = Date.parse('2026-01-01T00:00:00.000Z');
  const of = (thrown: unknown, more: object = {}) =>
    toVisionError(thrown, {
      ...{ service: 'face', operation: 'detect', timedOut: false, now: NOW },
      ...more,
    } as never);
  const answer = (statusCode: number, more: object = {}, retryAfter?: string) => ({
    statusCode,
    response: { headers: { get: (name: string) => (name === 'retry-after' ? retryAfter : undefined) } },
    ...more,
  });
  const code = (one: string, message?: string) => ({ body: { error: { code: one, message } } });

  test('itself where it is one of ours, or a bug', () => {
    const ours = new PermanentError('NoImage', 'None.');
    const bug = new Error('a bug');
    const odd = new TypeError('no cause');
    for (const error of [ours, bug, odd]) expect(of(error)).toBe(error);
    expect(of(ours, { timedOut: true })).toBe(ours);
    const unknown = of('text');
    expect(unknown).toBeInstanceOf(VisionCallError);
    expect(unknown).toMatchObject({ code: 'VisionCallFailed', message: 'Unknown failure.', cause: 'text' });
  });

  test.each([
    ['CredentialUnavailableError', 'VisionAccessDenied'],
    ['AuthenticationError', 'VisionAccessDenied'],
    ['AggregateAuthenticationError', 'VisionAccessDenied'],
  ])('%s an outage: no image is to blame', (name, expected) => {
    expect(of(Object.assign(new Error('x'), { name }))).toMatchObject({ code: expected });
    expect(of({ name, statusCode: 500 })).toMatchObject({ code: 'VisionInternalError' });
  });

  test('a lost connection where it happened on the wire, an outage where the service was never reached', () => {
    const cut = of(Object.assign(new Error('x'), { code: 'ECONNRESET', request: {} }));
    expect(cut).toMatchObject({
      code: 'VisionConnectionLost',
      message: expect.stringContaining('(ECONNRESET)'),
    });
    expect(of(Object.assign(new Error('x'), { request: {} }))).toMatchObject({
      code: 'VisionConnectionLost',
    });
    expect(of(Object.assign(new Error('x'), { request: {} })).message).toContain('(Unknown)');
    const away = of(Object.assign(new Error('x'), { code: 'ENOTFOUND', request: {} }));
    expect(away).toMatchObject({
      code: 'VisionUnreachable',
      message: expect.stringContaining('FACE_ENDPOINT'),
    });
  });

  test.each<[number, object, string | undefined, object]>([
    [429, {}, '0', { retryAfterMs: 1 }],
    [429, {}, undefined, { retryAfterMs: 1000 }],
    [401, {}, '9', { code: 'VisionAccessDenied', retryAfterMs: 9000 }],
    [403, {}, undefined, { code: 'VisionAccessDenied', retryAfterMs: undefined }],
    [299, {}, undefined, { code: 'VisionUnexpectedAnswer' }],
    [300, {}, '9', { code: 'VisionNotFound', retryAfterMs: 9000 }],
    [399, {}, undefined, { code: 'VisionNotFound' }],
    [400, {}, undefined, { code: 'HTTP400' }],
    [404, {}, undefined, { code: 'VisionNotFound' }],
    [402, {}, undefined, { code: 'HTTP402' }],
    [499, {}, undefined, { code: 'HTTP499' }],
    [500, {}, undefined, { code: 'VisionInternalError' }],
    [502, {}, '9', { code: 'ServiceUnavailable', retryAfterMs: 9000 }],
    [504, {}, undefined, { code: 'ServiceUnavailable', retryAfterMs: undefined }],
    [505, {}, undefined, { code: 'VisionInternalError' }],
    [409, code('Odd'), undefined, { state: 'busy', code: 'Odd' }],
    [403, code('403', 'Out of call volume quota.'), '9', { code: 'VisionQuotaExceeded', retryAfterMs: 9000 }],
    [403, code('QuotaExceeded'), undefined, { code: 'VisionQuotaExceeded', retryAfterMs: 900_000 }],
    [400, code('QuotaExceeded'), undefined, { code: 'QuotaExceeded' }],
    [400, code('UnsupportedFeature', 'An ATTRIBUTE is no more.'), undefined, { code: 'UnsupportedFeature' }],
    [400, code('UnsupportedFeature'), undefined, { code: 'LimitedAccessRequired' }],
  ])('of HTTP %i with %j, by what it is', (status, body, retryAfter, expected) => {
    expect(of(answer(status, body, retryAfter))).toMatchObject(expected);
  });

  test('an error with the words of the service only where they can quote nothing', () => {
    const words = (one: string, message?: string) => of(answer(400, code(one, message))).message;
    expect(words('InvalidImage', 'x'.repeat(300))).toMatch(/InvalidImage\): x{200}$/);
    expect(words('InvalidImage', '')).toMatch(/InvalidImage\)\.$/);
    expect(words('InvalidImage')).toMatch(/InvalidImage\)\.$/);
    expect(words('BadArgument', 'alice')).toMatch(/BadArgument\)\.$/);
  });

  test('an error of the code that says most, wherever that stands', () => {
    const codeOf = (more: object) => (of(answer(400, more)) as { code?: unknown }).code;
    const inner = { innererror: { code: 'Inner' } };
    expect(codeOf({ body: { error: { code: 'Outer', ...inner } }, code: 'Own' })).toBe('Inner');
    expect(codeOf({ body: { error: { code: 'Outer' } }, code: 'Own' })).toBe('Outer');
    expect(codeOf({ body: { code: 'Plain' } })).toBe('Plain');
    expect(codeOf({ code: 'Own', cause: { code: 'Cause' } })).toBe('Own');
    expect(codeOf({ cause: { code: 'Cause' } })).toBe('Cause');
    for (const none of ['400', 'PARSE_ERROR', 'two words', '', 7, 'x'.repeat(65)])
      expect(codeOf({ code: none }), String(none)).toBe('HTTP400');
    expect(of({ statusCode: 413 })).toMatchObject({ code: 'InvalidImageSize' });
    expect(of({ response: { status: 415 } })).toMatchObject({ code: 'UnsupportedMediaType' });
    expect(of({ statusCode: '400' }), 'no status').toMatchObject({ code: 'VisionCallFailed' });
    const message = {
      body: { error: { code: 'InvalidImage', message: 'outer', innererror: { message: 'inner' } } },
    };
    expect(of(answer(400, message)).message).toMatch(/: inner$/);
  });

  test('a list that is full only where it was about lists', () => {
    const full = answer(403, code('QuotaExceeded'));
    expect(of(full, { operation: 'large face list: add' })).toMatchObject({ state: 'full' });
    expect(of(full)).toBeInstanceOf(OutageError);
    expect(of(answer(429))).toBeInstanceOf(RateLimitedError);
  });
});

describe('the row that processes share', () => {
  /** @param losses writes that somebody else is faster at */
  function shared(before: Columns | undefined, losses = 0) {
    const writes: unknown[] = [];
    const write =
      (kind: string) =>
      async (_: string, __: string, ...given: unknown[]) => {
        writes.push([kind, ...given]);
        return writes.length > losses;
      };
    const get = async () => before && { partitionKey: 'vision', rowKey: 'face', etag: 'e', columns: before };
    const table = { get, insert: write('insert'), update: write('update') } as unknown as Table;
    return { throttle: tableThrottle(table, 'face'), writes };
  }
  const at = (iso: string) => ({ nextCallAt: iso });
  const NOON = '2026-11-01T12:00:00.000Z';

  test('is written where it says less, under the version that was read', async () => {
    const cases: [Columns | undefined, unknown[]][] = [
      [undefined, [['insert', at(NOON)]]],
      [{}, [['update', at(NOON), 'e']]],
      [at('2026-11-01T11:59:59.999Z'), [['update', at(NOON), 'e']]],
      [at(NOON), []],
      [at('2026-11-01T12:00:00.001Z'), []],
    ];
    for (const [before, expected] of cases) {
      const { throttle, writes } = shared(before);
      await throttle.postpone(Date.parse(NOON));
      expect(writes).toEqual(expected);
    }
  });

  test('is tried at five times, and then is another’s to write', async () => {
    for (const losses of [4, 9]) {
      const { throttle, writes } = shared(undefined, losses);
      await throttle.postpone(Date.parse(NOON));
      expect(writes).toHaveLength(5);
    }
    expect(await shared({}).throttle.read()).toBe(0);
    expect(await shared(at(NOON)).throttle.read()).toBe(Date.parse(NOON));
  });
});
