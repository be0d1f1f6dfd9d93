import { HttpRequest } from '@azure/functions';
import { describe, expect, test } from 'vitest';
import { batchFolder, blobFileName, numbered } from '../../src/api/blob-name.ts';
import { BLOCK_ID_LENGTH, blockIdOf } from '../../src/api/block-id.ts';
import { fromCursor, groupPosition, imagePosition, toCursor } from '../../src/api/cursor.ts';
import { refuseHidden, seesEnquiries, shownTo } from '../../src/api/enquiry-photographs.ts';
import { haltsOf } from '../../src/api/halts.ts';
import { toFilter } from '../../src/api/image-filter.ts';
import {
  accepted,
  batchIdOf,
  blobNameOf,
  formatOf,
  refused,
  sizeRefusal,
} from '../../src/api/incoming-file.ts';
import { ApiError, toApiError, toProblem } from '../../src/api/problem.ts';
import { bytesReply, hasVersion, jsonReply, problemReply } from '../../src/api/reply.ts';
import { maxUploadBytes } from '../../src/api/upload-limit.ts';
import { OutageError, PermanentError, RateLimitedError, UnavailableError } from '../../src/domain/errors.ts';
import { jobIdOf } from '../../src/domain/job-id.ts';
import { jpeg } from '../support/images.ts';

/** What handlers are made of, without a server. */
const get = (headers: Record<string, string> = {}, method: 'GET' | 'POST' = 'GET') =>
  new HttpRequest({ method, url: 'http://localhost/', headers });

describe('a place in a list', () => {
  test('comes back as it was given, and as nothing else', () => {
    const place = ['2026-01-01T00:00:00.000Z', 'id'];
    expect(fromCursor(toCursor(place), imagePosition)).toEqual(place);
    expect(fromCursor(toCursor([...place, 'other']), imagePosition)).toEqual([...place, 'other']);
    for (const bad of ['', 'x', toCursor(['x', 'y']), toCursor([...place, 'more']), toCursor([1, 2])])
      expect(() => fromCursor(bad, imagePosition), bad).toThrow(
        expect.objectContaining({ status: 400, code: 'InvalidCursor' }),
      );
    expect(() => fromCursor(toCursor([1.5, 'g']), groupPosition)).toThrow();
  });
});

test('a filter asks for what was asked, and for nothing else', () => {
  expect(toFilter({} as never)).toEqual({});
  expect(toFilter({ batch: 'b', tag: undefined, status: 'done' } as never)).toEqual({
    batchId: 'b',
    status: 'done',
  });
  expect(toFilter({ step: 'ocr', stepState: 'failed' } as never)).toEqual({
    outcome: { step: 'ocr', state: 'failed' },
  });
  expect(toFilter({ step: 'ocr', stepState: 'failed', errorCode: 'X' } as never)).toEqual({
    outcome: { step: 'ocr', state: 'failed', code: 'X' },
  });
});

describe('names', () => {
  test('of blocks are equally long, and tell hash, format and number', () => {
    const id = blockIdOf('ab'.repeat(32), 'png', 258);
    expect(id).toHaveLength(BLOCK_ID_LENGTH);
    const bytes = Buffer.from(id, 'base64');
    expect([
      bytes.subarray(0, 32).toString('hex'),
      bytes.subarray(32, 36).toString(),
      bytes.readUInt16BE(36),
    ]).toEqual(['ab'.repeat(32), 'png ', 258]);
  });

  test.each([
    ['a/b', 'a/b'],
    ['/a//b/', 'a/b'],
    [' a . /. b', 'a/b'],
    ['a/---/b', 'a/b'],
    ['a:b*?"<>|#%c', 'a_b_c'],
    ['a   b', 'a b'],
    ['...', ''],
    ['x'.repeat(201), 'x'.repeat(200)],
    [`${'x'.repeat(200)}/${'y'.repeat(198)}.z`, `${'x'.repeat(200)}/${'y'.repeat(198)}`],
  ])('of a batch %j are the folder %j', (batch, folder) => {
    expect(batchFolder(batch)).toBe(folder);
  });

  test.each([
    ['a.jpg', 'a.jpg'],
    ['c:\\photos\\a.JPEG', 'a.JPEG'],
    ['photos/a', 'a.jpg'],
    ['.jpg', 'jpg.jpg'],
    ['', 'image.jpg'],
    ['a.longer', 'a.longer.jpg'],
    ['a.12345', 'a.12345'],
    ['a.123456', 'a.123456.jpg'],
  ])('of a file %j are %j', (name, blob) => {
    expect(blobFileName(name, 'jpeg')).toBe(blob);
  });

  test('end as their content says, and are numbered from the second on', () => {
    expect(blobFileName('a', 'png')).toBe('a.png');
    expect([1, 2, 3].map((number) => numbered('a.b.jpg', number))).toEqual([
      'a.b.jpg',
      'a.b (2).jpg',
      'a.b (3).jpg',
    ]);
    expect(blobNameOf('camp', 'a', 'gif', 2)).toBe('camp/a (2).gif');
  });
});

describe('a file that comes in', () => {
  const codeOf = (batch: string) => {
    try {
      return batchIdOf(batch);
    } catch (error) {
      return [(error as ApiError).status, (error as ApiError).code];
    }
  };
  test('goes into a batch that can be named, and is no enquiry’s', () => {
    expect(codeOf('camp 4/north')).toBe('camp 4/north');
    for (const bad of ['', '--', 'a/../b', 'a/./b', ' .. '])
      expect(codeOf(bad)).toEqual([400, 'InvalidInput']);
    for (const bad of ['_enquiry', '_enquiry/x']) expect(codeOf(bad)).toEqual([422, 'BatchReserved']);
    expect(codeOf('_enquiryx')).toBe('_enquiryx');
  });

  test('is taken up to its limit, and not empty', () => {
    expect(sizeRefusal(0, 5)?.code).toBe('EmptyImage');
    expect([sizeRefusal(1, 5), sizeRefusal(5, 5)]).toEqual([undefined, undefined]);
    expect(sizeRefusal(6, 5)?.code).toBe('ImageTooManyBytes');
    expect(maxUploadBytes({ MAX_IMAGE_BYTES: 10 })).toBe(10);
    expect(maxUploadBytes({ MAX_IMAGE_BYTES: 1e12 })).toBe(104_857_600 - 65_536);
  });

  test('is what its first bytes say', async () => {
    expect(formatOf(await jpeg())).toBe('jpeg');
    expect(formatOf(Buffer.from('text, no image'))).toMatchObject({ code: 'NotAnImage' });
    expect(formatOf(Buffer.from('8BPS\0\x01\0\0\0\0\0\0'))).toMatchObject({ code: 'UnsupportedImageFormat' });
  });

  test('is answered with what became of it', () => {
    expect(accepted('a', 'b/a.jpg', 'e')).toEqual({
      ...{ name: 'a', accepted: true, blobName: 'b/a.jpg', problem: null },
      id: jobIdOf('inputimages', 'b/a.jpg', 'e'),
    });
    const problem = { code: 'X', detail: 'x' };
    expect(refused('a', problem)).toEqual({ name: 'a', accepted: false, blobName: null, id: null, problem });
  });
});

describe('answers', () => {
  const headersOf = (reply: { headers?: unknown }) => reply.headers as Record<string, string>;

  test('have a version, which a caller that has it is spared', () => {
    const first = jsonReply(get(), { a: 1 });
    expect(first).toMatchObject({ status: 200, body: '{"a":1}' });
    expect(headersOf(first)).toMatchObject({
      'cache-control': 'private, no-cache',
      'content-type': 'application/json; charset=utf-8',
    });
    const { etag = '' } = headersOf(first);
    for (const given of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const again = jsonReply(get({ 'if-none-match': given }), { a: 1 });
      expect([again.status, again.body, headersOf(again).etag], given).toEqual([304, undefined, etag]);
    }
    expect(jsonReply(get({ 'if-none-match': '"x"' }), { a: 1 }).status).toBe(200);
    expect(jsonReply(get({ 'if-none-match': etag }), { a: 2 }).status).toBe(200);
    const posted = jsonReply(get({ 'if-none-match': '*' }, 'POST'), { a: 1 }, 201);
    expect([posted.status, headersOf(posted).etag]).toEqual([201, undefined]);
    expect(hasVersion(get(), 'x')).toBe(false);
  });

  test('in bytes are shown, or saved under their own name', () => {
    const bytes = { bytes: Buffer.from('x'), contentType: 'image/jpeg', etag: 'e', cacheControl: 'c' };
    const shown = bytesReply(get(), bytes);
    expect(shown).toMatchObject({ status: 200, body: bytes.bytes });
    expect(headersOf(shown)).toMatchObject({
      ...{ etag: '"e"', 'cache-control': 'c', 'content-type': 'image/jpeg', 'content-disposition': 'inline' },
    });
    const saved = bytesReply(get(), { ...bytes, saveAs: 'Zoë "1"\u0007 (a).jpg' });
    expect(headersOf(saved)['content-disposition']).toBe(
      `attachment; filename="Zo_ _1__ (a).jpg"; filename*=UTF-8''Zo%C3%AB%20%221%22%07%20%28a%29.jpg`,
    );
    expect(bytesReply(get({ 'if-none-match': '"e"' }), bytes)).toMatchObject({ status: 304 });
    const unchanged = bytesReply(get(), { unchanged: true, etag: 'e', cacheControl: 'c' });
    expect([unchanged.status, unchanged.body]).toEqual([304, undefined]);
  });

  test('that are none say what was wrong; what nobody foresaw says nothing of itself', () => {
    const of = (thrown: unknown) => {
      const { status, code, headers } = toApiError(thrown);
      return [status, code, headers['retry-after']];
    };
    expect(of(new UnavailableError('DoNotMatch', 'x'))).toEqual([403, 'DoNotMatch', undefined]);
    expect(of(new PermanentError('BrokenImage', 'x'))).toEqual([422, 'BrokenImage', undefined]);
    expect(of(new RateLimitedError('x', 1001))).toEqual([429, 'RateLimited', '2']);
    expect(of(new RateLimitedError('x', 0))).toEqual([429, 'RateLimited', '1']);
    expect(of(new OutageError('x'))).toEqual([503, 'ServiceUnavailable', '5']);
    expect(of(new OutageError('x', { retryAfterMs: 60_000 }))).toEqual([503, 'ServiceUnavailable', '60']);
    expect(of(Object.assign(new Error('x'), { statusCode: 503 }))).toEqual([503, 'StorageUnavailable', '5']);
    expect(of(new Error('secret'))).toEqual([500, 'UnexpectedError', undefined]);
    expect(toApiError(new Error('secret')).message).not.toContain('secret');
    const error = new ApiError(409, 'X', 'Why.', {
      errors: [{ path: 'a', message: 'b' }],
      headers: { h: '1' },
    });
    expect(toApiError(error)).toBe(error);
    expect(toProblem(error)).toEqual({
      ...{ type: 'about:blank', title: 'Conflict', status: 409, detail: 'Why.', code: 'X' },
      errors: [{ path: 'a', message: 'b' }],
    });
    expect(toProblem(new ApiError(418, 'X', 'x'))).not.toHaveProperty('errors');
    expect(headersOf(problemReply(error))).toMatchObject({ h: '1', 'cache-control': 'no-store' });
  });
});

describe('photographs of enquiries', () => {
  const viewer = { role: 'viewer' } as const;
  const others = ['caseworker', 'operator', 'administrator'] as never[];
  const app = {
    journal: {
      batchOf: async (id: string) => (id === 'hidden' ? '_enquiry/e' : id === 'open' ? 'b' : undefined),
    },
    results: async () => ({
      faces: async (keys: string[]) => keys.map((key) => (key === 'h-1' ? { batchId: '_enquiry/e' } : {})),
    }),
  } as never;

  test('are shown to everybody but those who may only look at the archive', async () => {
    expect(seesEnquiries(viewer)).toBe(false);
    for (const role of others) expect(seesEnquiries({ role })).toBe(true);
    const all = [{ batchId: '_enquiry/e' }, { batchId: 'b' }, {}];
    expect(shownTo(viewer, all)).toEqual([{ batchId: 'b' }, {}]);
    expect(shownTo({ role: 'administrator' }, all)).toEqual(all);
  });

  test.each([
    [{ batch: '_enquiry/e' }, true],
    [{ batch: 'b' }, false],
    [{ id: 'hidden' }, true],
    [{ id: 'open' }, false],
    [{ id: 'unknown' }, false],
    [{ face: 'h-1' }, true],
    [{ face: 'o-1', other: 'h-1' }, true],
    [{ face: 'o-1', other: 'p-1' }, false],
    [{}, false],
  ])('are not there for those: %j', async (named, isHidden) => {
    const asked = refuseHidden(app, viewer, named);
    if (isHidden) await expect(asked).rejects.toMatchObject({ status: 404 });
    else await asked;
    await refuseHidden(app, { role: 'administrator' }, named);
  });
});

test('what halts the work is said: a refused setting, what could not be made, a service in trouble', async () => {
  const of = (refusal: string | undefined, error: unknown, troubles: object[], refused?: unknown) =>
    haltsOf({
      refusal,
      writes: { refusal: async () => refused },
      app: { preparation: { trouble: error && { error } }, troubles: { list: async () => troubles } },
    } as never);
  expect(await of(undefined, undefined, [])).toEqual([]);
  const failure = { service: 'Face', code: 'Unauthorized', since: 0 };
  const halts = await of('PIPELINE_DEFINITION: x', new Error('away'), [failure]);
  expect(halts.map(({ kind }) => kind)).toEqual(['refused', 'notPrepared', 'serviceFailing']);
  expect(halts[0]?.message).toBe('PIPELINE_DEFINITION: x');
  expect(halts[2]?.message).toContain('Since 1970-01-01T00:00:00.000Z.');
  // That storage keeps nothing new; that it is slow for a moment, or away, is none of this.
  const [full] = await of(undefined, undefined, [], { statusCode: 507 });
  expect(full?.kind).toBe('notWritable');
  expect(full?.message).toContain('The disk that holds the data folder is full');
  expect(full?.message).toContain('Free some space');
  const [forbidden] = await of(undefined, undefined, [], { statusCode: 403 });
  expect(forbidden?.message).toContain('role');
  for (const refused of [{ statusCode: 503 }, { statusCode: 409 }, new Error('away')])
    expect(await of(undefined, undefined, [], refused)).toEqual([]);
});
