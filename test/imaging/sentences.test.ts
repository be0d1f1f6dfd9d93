import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { OutageError, PermanentError, RateLimitedError } from '../../src/domain/errors.ts';
import { damageSentence } from '../../src/imaging/damage.ts';
import { readBody, statusError } from '../../src/imaging/foreign/response.ts';
import { framesSentence } from '../../src/imaging/frames.ts';
import { morePictures, morePicturesSentence } from '../../src/imaging/more-pictures.ts';
import { bytesOf, pictureOptions } from '../../src/imaging/picture.ts';
import { decodingError } from '../../src/imaging/sharp.ts';

describe('what went wrong is said', () => {
  test('of a decoder: by what it means, and not where this machine has no memory', () => {
    const of = (message: string, format = 'JPEG') => decodingError(new Error(message), format);
    for (const text of ['Out of memory', 'x: unable to allocate 9', 'cannot allocate']) {
      const thrown = new Error(text);
      expect(decodingError(thrown, 'PNG')).toBe(thrown);
    }
    expect(of('timeout: 121% complete')).toMatchObject({
      code: 'ImageTooSlow',
      message: expect.stringMatching(/^Decoding this JPEG image took longer than 120 seconds/),
    });
    expect(of('after a timeout: 1')).toMatchObject({ code: 'BrokenImage' });
    for (const text of [
      'tiff2vips: x not supported',
      'tiff2vips: y not configured',
      'tiff2vips: unsupported z',
    ]) {
      expect(of(text, 'TIFF')).toMatchObject({ code: 'UnsupportedImageFormat' });
      expect(of(text, 'PNG')).toMatchObject({ code: 'BrokenImage' });
    }
    const broken = of('VipsJpeg: premature end');
    expect(broken).toBeInstanceOf(PermanentError);
    expect(broken).toMatchObject({
      code: 'BrokenImage',
      message: expect.stringMatching(/^The JPEG image is truncated/),
    });
    expect((broken as Error).cause).toBeInstanceOf(Error);
    expect(decodingError('no error', 'GIF')).toMatchObject({ code: 'BrokenImage' });
  });

  test('of damage: how much can be seen, one per cent at least', () => {
    const about = (part: number) => /about (\d+) %/.exec(damageSentence('PNG', part))?.[1];
    expect([about(0.001), about(0.014), about(0.5), about(0.99)]).toEqual(['1', '1', '50', '99']);
    expect(about(0.991)).toBeUndefined();
    expect(damageSentence('PNG', 1)).toMatch(/^The PNG file is damaged: .*decoded to its last row/);
  });

  test('of frames and scenes: how many, and which was looked at', () => {
    expect(framesSentence(2000, 0)).toMatch(/animation of 2,000 frames: only the first was/);
    expect(framesSentence(3, 1)).toMatch(/only number 2, the first that is not blank, was/);
    expect(morePicturesSentence({ kind: 'animation', count: 1200 })).toMatch(/animation of 1,200 frames/);
    expect(morePicturesSentence({ kind: 'scene', count: 2 })).toMatch(/holds 2 pictures of one scene/);
  });
});

describe('more pictures in a file', () => {
  const chunk = (type: string, content: Buffer) => {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(content.length, 0);
    head.write(type, 4, 'latin1');
    return Buffer.concat([head, content, Buffer.alloc(4)]);
  };
  const frames = (count: number) => {
    const content = Buffer.alloc(8);
    content.writeUInt32BE(count, 0);
    return chunk('acTL', content);
  };
  const png = (...chunks: Buffer[]) => morePictures(Buffer.concat([Buffer.alloc(8), ...chunks]), 'png');

  test('of a PNG are the frames that it states before its pixels', () => {
    const [head, data] = [chunk('IHDR', Buffer.alloc(13)), chunk('IDAT', Buffer.alloc(5))];
    expect(png(head, frames(7), data)).toEqual({ kind: 'animation', count: 7 });
    expect(png(frames(2))).toEqual({ kind: 'animation', count: 2 });
    for (const chunks of [[], [head, data], [head, frames(1), data], [head, data, frames(7)], [head]])
      expect(png(...chunks)).toBeUndefined();
    expect(morePictures(Buffer.concat([Buffer.alloc(8), frames(7)]), 'gif')).toBeUndefined();
  });

  /** A JPEG with an index of pictures of these kinds, among so many other fields. */
  const jpeg = (kinds: number[], { before = 0, stated = kinds.length, segments = [] as Buffer[] } = {}) => {
    const fields = before + 1;
    const index = Buffer.alloc(10 + fields * 12 + kinds.length * 16);
    index.write('II*\0', 'latin1');
    index.writeUInt32LE(8, 4);
    index.writeUInt16LE(fields, 8);
    const at = 10 + before * 12;
    index.writeUInt16LE(0xb002, at);
    index.writeUInt32LE(stated * 16, at + 4);
    index.writeUInt32LE(10 + fields * 12, at + 8);
    for (const [n, kind] of kinds.entries()) index.writeUInt32LE(kind * 0x10000, 10 + fields * 12 + n * 16);
    const segment = (marker: number, content: Buffer) => {
      const start = Buffer.from([0xff, marker, 0, 0]);
      start.writeUInt16BE(2 + content.length, 2);
      return Buffer.concat([start, content]);
    };
    const mpf = segment(0xe2, Buffer.concat([Buffer.from('MPF\0'), index]));
    const all = [...segments, segment(0xdb, Buffer.alloc(9)), mpf, Buffer.from('ffda0002', 'hex')];
    return Buffer.concat([Buffer.from('ffd8', 'hex'), ...all]);
  };
  const count = (...given: Parameters<typeof jpeg>) => morePictures(jpeg(...given), 'jpeg')?.count;

  test('of a JPEG are those of its index that are pictures of the scene', () => {
    expect([count([3, 2, 2]), count([3, 0]), count([3, 1]), count([3]), count([])]).toEqual([
      ...[3, 2, undefined, undefined, undefined],
    ]);
    expect(count([3, 2], { before: 63 }), 'as far as a camera writes').toBe(2);
    expect(count([3, 2], { before: 64 })).toBeUndefined();
    expect(count([3, 2], { stated: 9 }), 'as many as there are').toBe(2);
    expect(count([3, 2, 2], { stated: 2 })).toBe(2);
    const xmp = (text: string, marker = 0xe1) => {
      const start = Buffer.from([0xff, marker, 0, 0]);
      start.writeUInt16BE(2 + text.length, 2);
      return Buffer.concat([start, Buffer.from(text)]);
    };
    for (const text of ['hdrgm:Version', 'urn:iso:std:iso:ts:21496', 'apdi:AuxiliaryImageType']) {
      expect(count([3, 0], { segments: [xmp(text)] })).toBeUndefined();
      expect(count([3, 2], { segments: [xmp(text)] }), 'of a kind that is said').toBe(2);
      expect(count([3, 0], { segments: [xmp(text, 0xef)] })).toBeUndefined();
      expect(count([3, 0], { segments: [xmp(text, 0xfe)] }), 'a comment').toBe(2);
    }
    const behind = Buffer.concat([Buffer.from('ffd8ffda0002', 'hex'), jpeg([3, 2]).subarray(2)]);
    expect(morePictures(behind, 'jpeg')).toBeUndefined();
    expect(morePictures(jpeg([3, 2]).subarray(0, 30), 'jpeg')).toBeUndefined();
  });
});

test('a picture is opened by what is known of it', () => {
  const file = Buffer.from('0123456789');
  expect(bytesOf(file, {})).toBe(file);
  expect(bytesOf(file, { part: { start: 2, length: 3 } }).toString()).toBe('234');
  expect(pictureOptions({})).toEqual({});
  expect(pictureOptions({ page: 0, subIfd: 0, damaged: true, orientation: 6 })).toEqual({
    ...{ page: 0, tiff: { subifd: 0 }, failOn: 'none' },
  });
});

describe('a host that does not give an image out', () => {
  const answered = (statusCode: number | undefined, headers: Record<string, string> = {}) =>
    statusError({ statusCode, headers } as never, () => 0);
  test('asks for fewer requests, or cannot answer now, for as long as it says', () => {
    expect(answered(429)).toMatchObject({ code: 'ForeignImageRateLimited', retryAfterMs: 30_000 });
    expect(answered(429)).toBeInstanceOf(RateLimitedError);
    expect(answered(429, { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7000 });
    for (const status of [408, 425, 500, 503, 599]) {
      expect(answered(status), `${status}`).toBeInstanceOf(OutageError);
      expect(answered(status)).toMatchObject({ code: 'ForeignImageUnavailable' });
      expect((answered(status) as OutageError).retryAfterMs).toBeUndefined();
      expect(answered(status, { 'retry-after': '7' })).toMatchObject({ retryAfterMs: 7000 });
    }
  });

  test('has none, or refuses', () => {
    for (const status of [404, 410]) expect(answered(status)).toMatchObject({ code: 'ForeignImageNotFound' });
    for (const status of [204, 301, 400, 403, 407, 409, 411, 424, 426, 499, undefined])
      expect(answered(status), `${status}`).toMatchObject({ code: 'ForeignImageRejected' });
    expect(answered(undefined).message).toMatch(/HTTP 0/);
  });

  test('has its answer read up to the last byte that is taken, uncompressed', async () => {
    const body = (headers: Record<string, string>, ...chunks: string[]) =>
      readBody(
        Object.assign(Readable.from(chunks.map((chunk) => Buffer.from(chunk))), { headers }) as never,
        5,
      ).then(String, ({ code }) => code);
    expect(await body({}, 'ab', 'cde')).toBe('abcde');
    expect(await body({ 'content-length': '5' }, 'abcde')).toBe('abcde');
    expect(await body({}, 'ab', 'cdef')).toBe('ForeignImageTooLarge');
    expect(await body({ 'content-length': '6' }, 'ab')).toBe('ForeignImageTooLarge');
    for (const encoding of ['identity', ' Identity ', ''])
      expect(await body({ 'content-encoding': encoding }, 'a')).toBe('a');
    for (const encoding of ['gzip', 'br'])
      expect(await body({ 'content-encoding': encoding }, 'a')).toBe('ForeignImageEncoded');
  });
});
