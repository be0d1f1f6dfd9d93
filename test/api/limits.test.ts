import { HttpRequest } from '@azure/functions';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AcceptedCounts } from '../../src/api/accepted.ts';
import { Api } from '../../src/api/api.ts';
import { batchFolder, blobFileName } from '../../src/api/blob-name.ts';
import { runCheck } from '../../src/api/health/check.ts';
import { checksOf } from '../../src/api/health/checks.ts';
import { readPlatform } from '../../src/api/platform.ts';
import { readPrincipal } from '../../src/api/principal.ts';
import { ApiError } from '../../src/api/problem.ts';
import { readFiles } from '../../src/api/read-files.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { SettingsError } from '../../src/domain/settings.ts';
import { thresholdAmong, thresholdOfBatch, whyThreshold } from '../../src/people/threshold.ts';

/** Both sides of every limit of what comes in, without a server. */
afterEach(() => {
  vi.useRealTimers();
});

describe('a call', () => {
  const { signal } = new AbortController();
  const url = (path: string) => `http://localhost:7071/api/${path}`;
  const host = { host: 'localhost:7071' };
  function api() {
    const did: unknown[] = [];
    const people = {
      setTaken: async (...given: unknown[]) => void did.push(given),
      persons: {
        list: async (query: object) => {
          did.push(query);
          return [];
        },
      },
    };
    const app = { people: async () => people, clock: () => 0 };
    return {
      did,
      api: new Api({ app, refusal: undefined } as never, () => ({
        kind: 'loopback',
        port: 7071,
        user: 'local',
      })),
    };
  }
  async function put(body: string, headers: Record<string, string> = {}, face = 'f-1') {
    const { api: one, did } = api();
    const request = new HttpRequest({
      ...{ method: 'PUT', url: url('faces/x/taken'), params: { face }, body: { string: body } },
      headers: { ...host, 'content-type': 'application/json', ...headers },
    });
    const reply = await one.serve('faceTaken', request, { log: silentLog, signal });
    return [reply.status, reply.body === undefined ? null : JSON.parse(String(reply.body)).code, did.length];
  }
  const json = (length: number) => `{"taken":"2019"${' '.repeat(length - '{"taken":"2019"}'.length)}}`;

  test('has a body of JSON, 65,536 characters at most', async () => {
    expect(await put(json(65_536))).toEqual([204, null, 1]);
    expect(await put(json(65_537))).toEqual([413, 'BodyTooLarge', 0]);
    expect(await put(json(20), { 'content-length': `${3 * 65_536}` })).toEqual([204, null, 1]);
    expect(await put(json(20), { 'content-length': `${3 * 65_536 + 1}` })).toEqual([413, 'BodyTooLarge', 0]);
    expect(await put(json(20), { 'content-type': 'Application/JSON ; charset=utf-8' })).toEqual([
      204,
      null,
      1,
    ]);
    for (const type of ['text/plain', 'application/jsonx', ''])
      expect(await put(json(20), { 'content-type': type })).toEqual([415, 'JsonExpected', 0]);
    expect(await put('{')).toEqual([400, 'InvalidJson', 0]);
    expect(await put('{"taken":7}')).toEqual([400, 'InvalidInput', 0]);
  });

  test('names something by an id of 2,000 characters at most, which leads nowhere else', async () => {
    expect(await put(json(20), {}, 'x'.repeat(2000))).toEqual([204, null, 1]);
    expect(await put(json(20), {}, 'x'.repeat(2001))).toEqual([404, 'NotFound', 0]);
    for (const bad of ['', 'a/../b', '..', 'a/.', '.\\a'])
      expect(await put(json(20), {}, bad), bad).toEqual([404, 'NotFound', 0]);
    for (const fine of ['a..b', '...', 'a.b'])
      expect(await put(json(20), {}, fine), fine).toEqual([204, null, 1]);
  });

  test('asks by what stands in its address, a key left out; of two values of one name it says so', async () => {
    const list = async (query: string) => {
      const { api: one, did } = api();
      const request = new HttpRequest({ method: 'GET', url: url(`people${query}`), headers: host });
      const { status } = await one.serve('listPeople', request, { log: silentLog, signal });
      return [status, ...did];
    };
    const [status, asked] = await list('?prefix=a,b&code=secret&clientId=x&limit=3');
    expect([status, asked]).toEqual([200, { prefix: 'a,b', limit: 3 }]);
    expect((await list('?prefix=a&prefix=b'))[0]).toBe(400);
    expect((await list('?prefx=a'))[0]).toBe(400);
  });

  test('with a key is found by its method and path, and HEAD is GET', async () => {
    const keyed = async (method: 'GET' | 'HEAD' | 'DELETE', path: string) => {
      const { api: one, did } = api();
      const request = new HttpRequest({ method, url: url(`machine/${path}`), headers: host });
      const { status } = await one.serveKeyed(request, { log: silentLog, signal });
      return [status, did.length];
    };
    const ok = await keyed('GET', 'people');
    expect(await keyed('HEAD', 'people')).toEqual(ok);
    expect((await keyed('DELETE', 'people'))[0]).toBe(404);
    expect((await keyed('GET', 'people/x/y/z'))[0]).toBe(404);
    expect((await keyed('GET', 'nothing'))[0]).toBe(404);
  });

  test('of an app that could not be put together is told why', async () => {
    const refused = new Api({ app: undefined, refusal: 'PIPELINE_DEFINITION: x' } as never, () => ({
      kind: 'loopback',
      port: 7071,
      user: 'local',
    }));
    const request = new HttpRequest({ method: 'GET', url: url('people'), headers: host });
    const { status, body } = await refused.serve('listPeople', request, { log: silentLog, signal });
    expect([status, JSON.parse(String(body)).detail]).toEqual([503, 'PIPELINE_DEFINITION: x']);
    expect(() => refused.app).toThrow('PIPELINE_DEFINITION: x');
  });
});

test('what fails inside is written down with its code, what a client does wrong is not', async () => {
  const told: unknown[] = [];
  const log = { ...silentLog, error: (event: string, fields?: object) => void told.push([event, fields]) };
  let thrown: Error = new Error('a secret');
  const people = () => Promise.reject(thrown);
  const one = new Api({ app: { people, clock: () => 0 }, refusal: undefined } as never, () => ({
    ...{ kind: 'loopback', port: 7071, user: 'local' },
  }));
  const ask = async () => {
    const request = new HttpRequest({
      ...{ method: 'GET', url: 'http://localhost:7071/api/people', headers: { host: 'localhost:7071' } },
    });
    return (await one.serve('listPeople', request, { log, signal: new AbortController().signal })).status;
  };
  expect(await ask()).toBe(500);
  expect(told).toEqual([['api.failed', { code: expect.any(String), cause: expect.anything() }]]);
  told.length = 0;
  thrown = new ApiError(499, 'X' as never, 'Their fault.');
  expect(await ask()).toBe(499);
  expect(told).toEqual([]);
});

describe('images of a batch are counted', () => {
  function counting(images: number, tookMs: number) {
    let now = 0;
    let counted = 0;
    const counts = new AcceptedCounts({
      clock: () => now,
      journal: {
        idsOf: async function* () {
          counted += 1;
          for (let n = 0; n < images; n += 1) yield `${n}`;
          now += tookMs;
        },
      },
    } as never);
    const at = async (ms: number, batch = 'b') => {
      now = ms;
      await counts.of(batch);
      return counted;
    };
    return { counts, at };
  }

  test('up to 20,000', async () => {
    expect(await counting(20_000, 0).counts.of('b')).toEqual({ images: 20_000, more: false });
    expect(await counting(20_001, 0).counts.of('b')).toEqual({ images: 20_000, more: true });
  });

  test('anew each time where they are a thousand, and else for ten times as long as that took', async () => {
    const few = counting(1000, 10);
    expect([await few.at(0), await few.at(11)]).toEqual([1, 2]);
    const many = counting(1001, 10);
    expect([await many.at(0), await many.at(109), await many.at(110)]).toEqual([1, 1, 2]);
  });

  test('and a hundred such counts are kept, the oldest goes', async () => {
    const { at } = counting(1001, 1000);
    for (let n = 0; n < 100; n += 1) await at(n, `b${n}`);
    expect(await at(200, 'b0')).toBe(100);
    await at(200, 'b100');
    expect(await at(300, 'b0')).toBe(102);
    expect(await at(300, 'b99')).toBe(102);
  });
});

describe('a check of the app', () => {
  test('has five seconds, and then is a problem of its own', async () => {
    vi.useFakeTimers();
    let aborted = false;
    let result: { status: string } | undefined;
    const run = (limit: AbortSignal) => {
      limit.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<never>(() => {});
    };
    void runCheck({ name: 'slow', run }).then((one) => {
      result = one;
    });
    await vi.advanceTimersByTimeAsync(4999);
    expect([result, aborted]).toEqual([undefined, false]);
    await vi.advanceTimersByTimeAsync(1);
    expect(result).toMatchObject({ status: 'failed', problems: [{ problem: 'No answer within 5 s.' }] });
    expect(aborted).toBe(true);
  });

  test.each([
    [new SettingsError('App setting X: is wrong.'), 'App setting X: is wrong.', /Correct the app setting/],
    [
      Object.assign(new Error('x'), { statusCode: 507 }),
      /disk that holds the data folder is full/,
      /Free some space/,
    ],
    [Object.assign(new Error('x'), { statusCode: 401, code: 'No' }), 'No (HTTP 401).', /identity its role/],
    [Object.assign(new Error('x'), { statusCode: 403, code: 'No' }), 'No (HTTP 403).', /identity its role/],
    [Object.assign(new Error('x'), { statusCode: 404, code: 'No' }), 'No (HTTP 404).', /address is right/],
    [undefined, 'Error.', /address is right/],
  ])('that fails of %s says %s and what to do', async (error, problem, remedy) => {
    const result = await runCheck({ name: 'x', severity: 'warning', run: () => Promise.reject(error) });
    const said = (is: string | RegExp) => (typeof is === 'string' ? is : expect.stringMatching(is));
    expect(result).toMatchObject({
      status: 'failed',
      problems: [{ problem: said(problem), remedy: said(remedy) }],
    });
  });

  test('is well without problems, and a warning where it counts as one', async () => {
    const of = async (severity: 'warning' | undefined, problems: object[] | undefined) =>
      (
        await runCheck({
          name: 'x',
          ...(severity && { severity }),
          run: async () => ({ ...(problems && { problems }) }) as never,
        })
      ).status;
    expect([await of(undefined, undefined), await of('warning', [])]).toEqual(['ok', 'ok']);
    expect([await of(undefined, [{}]), await of('warning', [{}])]).toEqual(['failed', 'warning']);
  });

  const NOW = Date.parse('2026-01-01T02:00:00.000Z');
  const service = 'https://service.example/';
  const part = (more: object = {}) => ({
    settings: { COMPUTER_VISION_ENDPOINT: service, FACE_ENDPOINT: service, FACE_LIMITED_ACCESS: true },
    pipeline: ['ocr'],
    registry: { names: ['ocr'] },
    preparation: {},
    troubles: { list: async () => [] },
    clock: () => NOW,
    ...more,
  });
  const problemsOf = async (
    name: string,
    app: object | undefined,
    more: object = {},
    send?: typeof fetch,
  ) => {
    const check = checksOf({ app, refusal: undefined, ...more } as never, send).find(
      (one) => one.name === name,
    );
    if (!check) throw new Error(`no check ${name}`);
    const result = await runCheck(check);
    return { ...result, said: result.problems.map(({ problem }) => problem) };
  };

  test.each([
    ['generalclassification', 'COMPUTER_VISION_ENDPOINT'],
    ['ocr', 'COMPUTER_VISION_ENDPOINT'],
    ['facedetection', 'FACE_ENDPOINT'],
    ['faceprint', 'FACE_ENDPOINT'],
    ['facematch', 'FACE_ENDPOINT'],
  ])('of the settings: the step %s needs %s', async (step, setting) => {
    const { [setting]: _, ...others } = part().settings as Record<string, unknown>;
    const missing = await problemsOf('settings', part({ pipeline: [step], settings: others }));
    expect(missing.said).toEqual([expect.stringContaining(setting)]);
    expect((await problemsOf('settings', part({ pipeline: [step] }))).said).toEqual([]);
    expect((await problemsOf('settings', part({ pipeline: ['duplicates'], settings: others }))).said).toEqual(
      [],
    );
  });

  test('of an app that could not be put together, or lacks functions, says why', async () => {
    expect((await problemsOf('settings', undefined, { refusal: 'X: is wrong.' })).said).toEqual([
      'X: is wrong.',
    ]);
    const lacking = await problemsOf('settings', part(), { leftOut: ['The function x is missing.'] });
    expect([lacking.said, lacking.status]).toEqual([['The function x is missing.'], 'failed']);
    const trouble = { since: 0, rounds: 3, error: Object.assign(new Error('x'), { code: 'Away' }) };
    const late = await problemsOf('start-up', part({ preparation: { trouble } }));
    expect(late.said).toEqual(['Containers, tables and queues could not be made yet: Away.']);
    expect(late.figures).toEqual({ since: '1970-01-01T00:00:00.000Z', rounds: 3 });
  });

  test('of a service: that it answers, that it fails for whoever asks, that it is not used', async () => {
    const answers = async () => new Response('no', { status: 404 });
    const fails = (code?: string) => async () => {
      throw Object.assign(new TypeError('fetch failed'), code && { cause: { code } });
    };
    const face = (send: unknown, more: object = {}) =>
      problemsOf('Face', part(more), {}, send as typeof fetch);
    expect((await face(answers)).said).toEqual([]);
    expect((await face(fails('ECONNREFUSED'))).said).toEqual(['Face cannot be reached (ECONNREFUSED).']);
    expect((await face(fails())).said).toEqual(['Face cannot be reached.']);
    expect((await face(fails(), { settings: {}, pipeline: [] })).figures).toEqual({ used: false });
    const failure = (of: string) => ({ service: of, operation: 'detect', code: 'X', since: 0 });
    const list = async () => [failure('Face'), failure('Computer Vision')];
    const failing = await face(answers, { troubles: { list } });
    expect(failing.said).toEqual([
      expect.stringMatching(/^Face fails alike.* Since 1970-01-01T00:00:00.000Z\.$/),
    ]);
    const away = async () => {
      throw new Error('storage is away');
    };
    expect((await face(answers, { troubles: { list: away } })).said).toEqual([]);
  });

  test('of queues: a message that could be taken for a quarter of an hour, and how many there are', async () => {
    const queue = (age: number | undefined, messages = 2) => ({
      storage: {
        queues: {
          look: async (name: string) =>
            name === 'ocr'
              ? { messages, ...(age !== undefined && { oldestReady: new Date(NOW - age) }) }
              : undefined,
        },
      },
    });
    const of = (age: number | undefined, messages?: number) =>
      problemsOf('queues', part(queue(age, messages)));
    expect((await of(15 * 60_000 - 1)).said).toEqual([]);
    expect((await of(15 * 60_000)).said).toEqual(['Queue ocr: a message has not been taken for 15 minutes.']);
    expect((await of(1499)).figures).toEqual({ ocr: { messages: 2, oldestSeconds: 1 } });
    expect((await of(-5000)).figures).toEqual({ ocr: { messages: 2, oldestSeconds: 0 } });
    expect((await of(undefined)).figures).toEqual({ ocr: { messages: 2 } });
    expect((await of(undefined, 0)).figures).toEqual({});
  });
});

describe('a form', () => {
  const form = (count: number, bytes: number, more = '') => {
    const parts = Array.from(
      { length: count },
      (_, n) =>
        `--b\r\nContent-Disposition: form-data; name="f"; filename="é${n}.jpg"\r\n\r\n${'x'.repeat(bytes)}\r\n`,
    );
    return `${parts.join('')}${more}--b--\r\n`;
  };
  async function read(
    body: string | undefined,
    { type = 'multipart/form-data; boundary=b', maxFiles = 2, maxBytes = 10 } = {},
  ) {
    const request = new HttpRequest({
      ...{ method: 'POST', url: 'http://localhost/', headers: { 'content-type': type } },
      ...(body !== undefined && { body: { string: body } }),
    });
    const files: unknown[] = [];
    try {
      for await (const { name, bytes, truncated } of readFiles(request, { maxFiles, maxBytes }))
        files.push([name, bytes.length, truncated]);
    } catch (error) {
      files.push((error as { code: string }).code);
    }
    return files;
  }

  test('has so many files of so many bytes, each by its own name', async () => {
    expect(await read(form(2, 10))).toEqual([
      ['é0.jpg', 10, false],
      ['é1.jpg', 10, false],
    ]);
    expect(await read(form(1, 11))).toEqual([['é0.jpg', 11, true]]);
    expect((await read(form(3, 1))).at(-1)).toBe('TooManyFiles');
    expect(await read(form(0, 0, '--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n'))).toEqual(
      [],
    );
  });

  test('that is none, is broken or has no end is refused', async () => {
    expect(await read(form(1, 1), { type: 'application/json' })).toEqual(['FormExpected']);
    expect(await read(form(1, 1), { type: 'multipart/form-data; x=y' })).toEqual(['BrokenForm']);
    expect((await read(form(1, 1).replace('--b--\r\n', ''))).at(-1)).toBe('BrokenForm');
    expect(await read(undefined)).toEqual(['BrokenForm']);
  });
});

describe('who comes', () => {
  const claims =
    (...all: [string, string][]) =>
    (more: object = {}) =>
      new Headers({
        'x-ms-client-principal': Buffer.from(
          JSON.stringify({ auth_typ: 'aad', claims: all.map(([typ, val]) => ({ typ, val })), ...more }),
        ).toString('base64'),
      });
  const OID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

  test('has the highest of their roles, an account where there is one, and a name in any case', () => {
    expect(
      readPrincipal(
        claims(
          ['roles', 'viewer'],
          ['roles', 'REVIEWER'],
          ['roles', 'caseworker'],
          ['oid', 'o-1'],
          ['name', 'Ann'],
        )(),
      ),
    ).toEqual({
      ...{ id: 'o-1', name: 'Ann', role: 'reviewer', local: false, signedIn: true },
    });
    expect(
      readPrincipal(
        claims(
          ['own', 'operator'],
          [OID, 'o-2'],
          ['called', 'Ben'],
          ['name', 'B'],
        )({ role_typ: 'own', name_typ: 'called' }),
      ),
    ).toEqual({
      ...{ id: 'o-2', name: 'Ben', role: 'operator', local: false, signedIn: true },
    });
    const bare = claims(['roles', 'viewer'], ['oid', ''])();
    expect(readPrincipal(bare)).toEqual({ name: 'unnamed', role: 'viewer', local: false, signedIn: true });
    bare.set('x-ms-client-principal-name', 'ann@example.org');
    expect(readPrincipal(bare).name).toBe('ann@example.org');
    const deaths = readPrincipal(claims(['roles', 'viewer'], ['roles', 'Deaths'])());
    expect(deaths).toMatchObject({ role: 'viewer', mayTellDeaths: true });
    expect(() => readPrincipal(claims(['roles', 'deaths'])())).toThrow(
      expect.objectContaining({ code: 'NoRole' }),
    );
  });

  test('is nobody by a header longer than 65,536 characters', () => {
    const padded = (length: number) => {
      const text = JSON.stringify({ auth_typ: 'aad', claims: [{ typ: 'roles', val: 'viewer' }] });
      return new Headers({ 'x-ms-client-principal': Buffer.from(text.padEnd(length)).toString('base64') });
    };
    expect(readPrincipal(padded(49_152)).role).toBe('viewer');
    expect(() => readPrincipal(padded(49_153))).toThrow(expect.objectContaining({ status: 401 }));
  });

  test.each([
    ['65535', 'loopback'],
    ['65536', 'unknown'],
    ['1', 'loopback'],
    ['-1', 'unknown'],
    ['1.5', 'unknown'],
    ['', 'unknown'],
  ])('by port %s comes to a host that is %s', (port, kind) => {
    expect(readPlatform({ IMAGINEM_LOOPBACK_PORT: port }).kind).toBe(kind);
    expect(readPlatform({ IMAGINEM_LOOPBACK_PORT: '1', WEBSITE_X: undefined }).kind).toBe('loopback');
  });
});

test('names are cut at their limits, and parts that are very long are looked at in their beginning only', () => {
  expect(batchFolder(`${'x'.repeat(200)}/${'y'.repeat(200)}`)).toBe(`${'x'.repeat(200)}/${'y'.repeat(199)}`);
  expect(blobFileName(`${'x'.repeat(250)}.jpg`, 'jpeg')).toBe(`${'x'.repeat(200)}.jpg`);
  expect(batchFolder(`${' '.repeat(4095)}xy`)).toBe('x');
  expect(batchFolder(`${' '.repeat(4096)}y`)).toBe('');
});

describe('from how sure on the machine joins', () => {
  test.each([
    [0, 50, 0.43],
    [50, 50, 0.43],
    [51, 100, 0.5],
    [101, 200, 0.5],
    [200, 200, 0.5],
  ])('among %i faces, taken for %i: %f', (count, faces, confidence) => {
    expect(thresholdAmong(count, 'engine')).toEqual({ faces, confidence, basis: 'published' });
  });
  test.each([
    [201, 500, 0.5588],
    [1000, 1000, 0.61047],
    [1001, 2000, 0.66215],
    [5000, 5000, 0.73047],
    [50_000, 50_000, 0.90215],
  ])('among %i faces, taken for %i, the figures are gone on with: %f', (count, faces, confidence) => {
    const threshold = thresholdAmong(count, 'engine');
    expect(threshold).toMatchObject({ faces, basis: 'extended' });
    expect(threshold.confidence).toBeCloseTo(confidence, 4);
  });

  test('and why is said in a sentence', () => {
    const why = (count: number, inBatch: boolean, figures: 'engine' | undefined) =>
      whyThreshold((inBatch ? thresholdOfBatch : thresholdAmong)(count, figures), inBatch);
    expect(why(10, true, 'engine')).toBe(
      "In this batch (up to 50 faces) the machine joins faces it is 0.43 sure of or more, by the engine's published figures.",
    );
    expect(why(300, false, 'engine')).toMatch(
      /^In the whole archive \(up to 500 faces\).* it is 0\.56 sure of or more: the engine's published figures end at 0\.5, and are gone on with/,
    );
    expect(why(1e6, true, 'engine')).toMatch(
      /^In this batch \(up to 1000000 faces\) the machine joins no faces by itself: among so many/,
    );
    expect(why(1e6, false, 'engine')).toMatch(/joins no faces of different batches by itself/);
    expect(why(10, true, undefined)).toMatch(/joins whatever is shown as a possible match/);
    expect(why(10, false, undefined)).toMatch(/joins no faces of different batches by itself/);
  });
});
