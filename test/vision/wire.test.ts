import { afterEach, describe, expect, test, vi } from 'vitest';
import { OutageError, PermanentError, RateLimitedError } from '../../src/domain/errors.ts';
import type { Columns, Table } from '../../src/storage/tables.ts';
import { toVisionError } from '../../src/vision/error-mapping.ts';
import { VisionCallError } from '../../src/vision/errors.ts';
import { fetchHttpClient } from '../../src/vision/http-client.ts';
import { tableThrottle } from '../../src/vision/throttle.ts';

/** What goes over the wire, with what comes back played: no server answers like that on demand. */
afterEach(() => void vi.restoreAllMocks());

describe('a request', () => {
  const reset = (code: string) => Object.assign(new TypeError('fetch failed'), { cause: { code } });
  const request = (more: object = {}) =>
    ({
      ...{ url: 'https://x/face/v1.0/detect', method: 'POST', headers: { rawHeaders: () => ({ a: 'b' }) } },
      operationSpec: { responses: { 200: { bodyMapper: {} }, 202: {} } },
      ...more,
    }) as never;
  const send = (given: object = {}) =>
    fetchHttpClient('Face', (raw) => raw as never).sendRequest(request(given));
  /** How often it is sent where each try fails with `error`. */
  async function tries(error: unknown, given: object = {}) {
    const sent = vi.spyOn(globalThis, 'fetch').mockRejectedValue(error);
    sent.mockClear();
    await expect(send(given)).rejects.toBe(error);
    return sent.mock.calls.length;
  }

  test('whose connection was closed before it was read is sent once more, unless it could add a face twice', async () => {
    for (const code of ['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET'])
      expect(await tries(reset(code)), code).toBe(2);
    const faces = 'https://x/face/v1.0/largefacelists/l/PersistedFaces';
    expect(await tries(reset('ECONNRESET'), { url: `${faces}?userData=a` })).toBe(1);
    expect(await tries(reset('ECONNRESET'), { url: faces, method: 'GET' })).toBe(2);
    expect(await tries(reset('ECONNRESET'), { url: `${faces}/1` })).toBe(2);
    expect(await tries(reset('ECONNRESET'), { abortSignal: AbortSignal.abort() })).toBe(1);
    expect(await tries(reset('ECONNRESET'), { abortSignal: new AbortController().signal })).toBe(2);
  });

  test('that failed otherwise is not sent again', async () => {
    expect(await tries(reset('ECONNREFUSED'))).toBe(1);
    expect(await tries(new TypeError('no cause'))).toBe(1);
    expect(await tries(Object.assign(new Error('another'), { cause: { code: 'ECONNRESET' } }))).toBe(1);
  });

  test('carries what it is given, follows no redirect, and gives back all of the answer', async () => {
    const answer = new Response('{"a":1}', {
      status: 200,
      headers: { 'content-type': 'application/json', b: 'c' },
    });
    const sent = vi.spyOn(globalThis, 'fetch').mockResolvedValue(answer);
    const abortSignal = new AbortController().signal;
    expect(await send({ body: 'bytes', abortSignal })).toMatchObject({
      ...{ status: 200, bodyAsText: '{"a":1}', headers: { b: 'c' } },
    });
    expect(sent.mock.calls[0]?.[1]).toEqual({
      ...{ method: 'POST', headers: { a: 'b' }, redirect: 'manual', body: 'bytes', signal: abortSignal },
    });
    sent.mockResolvedValue(new Response('{}', { headers: { 'content-type': 'text/json' } }));
    await send();
    expect(sent.mock.calls[1]?.[1]).toEqual({ method: 'POST', headers: { a: 'b' }, redirect: 'manual' });
  });

  test.each([
    ['no JSON', 200, 'text/html', '<html>', true],
    ['no type', 200, undefined, 'x', true],
    ['nothing', 200, 'application/json', '', true],
    ['null', 200, 'application/json', ' null\n', true],
    ['JSON by another name', 200, 'application/json; charset=utf-8', '[]', false],
    ['no JSON where none is due', 202, 'text/html', 'x', false],
    ['an error that is no JSON', 500, 'text/html', 'x', false],
    ['a status that is not described', 201, 'text/html', 'x', false],
  ])('that is answered by %s', async (_, status, type, body, refused) => {
    const headers = new Headers(type === undefined ? {} : { 'content-type': type });
    const answer = { ok: status < 300, status, headers, text: async () => body } as Response;
    vi.spyOn(globalThis, 'fetch').mockResolvedValue(answer);
    const sent = send();
    if (refused)
      await expect(sent).rejects.toMatchObject({
        ...{ code: 'VisionUnexpectedAnswer', message: expect.stringContaining('answered detect with') },
      });
    else await expect(sent).resolves.toMatchObject({ status });
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
    const cut = of(Object.assign(new TypeError('x'), { cause: { code: 'UND_ERR_BODY' } }));
    expect(cut).toMatchObject({
      code: 'VisionConnectionLost',
      message: expect.stringContaining('(UND_ERR_BODY)'),
    });
    expect(of(Object.assign(new Error('x'), { request: {} }))).toMatchObject({
      code: 'VisionConnectionLost',
    });
    expect(of(Object.assign(new Error('x'), { request: {} })).message).toContain('(Unknown)');
    const away = of(Object.assign(new TypeError('x'), { cause: { code: 'ENOTFOUND' } }));
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
