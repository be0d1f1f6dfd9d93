import { expect, test } from 'vitest';
import { ContractError, OutageError, PermanentError, RateLimitedError } from '../../../src/domain/errors.ts';
import type { Job } from '../../../src/domain/job.ts';
import { jobIdOf } from '../../../src/domain/job-id.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { examine } from '../../../src/pipeline/admission/examine.ts';
import { ForeignImages } from '../../../src/pipeline/admission/foreign-images.ts';
import { HostAwayError } from '../../../src/pipeline/admission/host-away.ts';
import { openImage } from '../../../src/pipeline/delivery/image.ts';
import { takeIn } from '../../../src/pipeline/delivery/intake.ts';
import { remakeRendition } from '../../../src/pipeline/delivery/remake-rendition.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';
import { RecentContents } from '../../../src/storage/recent-contents.ts';
import { blobCreated } from '../../support/blob-created.ts';
import { jpeg, noise, orientedJpeg } from '../../support/images.ts';

/** What is asked of storage about an image, and in which order: over blobs that answer as the test says. */
const { signal } = new AbortController();
const upright = await jpeg(noise(96, 64));
const turned = await orientedJpeg(6);

function blobsOf(answers: { read?: unknown; rendition?: unknown; head?: unknown[] } = {}) {
  const calls: string[] = [];
  /** Of each read, what would end it. */
  const signals: unknown[] = [];
  const heads = answers.head ?? [];
  const blobs = {
    recent: new RecentContents(),
    read: async (
      container: string,
      name: string,
      given: { ifMatch?: string; maxBytes?: number; signal?: AbortSignal } = {},
    ) => {
      signals.push(given.signal);
      calls.push(
        ['read', container, name, given.ifMatch, given.maxBytes].filter((one) => one !== undefined).join(' '),
      );
      return container === 'renditions' ? answers.rendition : answers.read;
    },
    head: async (container: string, name: string) => {
      calls.push(`head ${container} ${name}`);
      return heads.length > 1 ? heads.shift() : heads[0];
    },
    write: async (container: string, name: string, bytes: Buffer, type: string) => {
      calls.push(`write ${container} ${name} ${bytes.length > 0} ${type}`);
      return 'written';
    },
    delete: async (container: string, name: string) => void calls.push(`delete ${container} ${name}`),
  };
  return { blobs: blobs as never, calls, signals };
}
const content = (bytes: Buffer, metadata: object = {}) => ({ bytes, metadata, etag: 'e' });
const source = { container: 'inputimages', name: 'b/a.jpg', etag: 'e' };
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'fine',
    (error: { code?: string }) => error.code ?? error,
  );

test.each<[string, unknown, string]>([
  ['another version', 'changed', 'ImageSuperseded'],
  ['nothing', undefined, 'ImageGone'],
  ['more than may be', 'too large', 'ImageGone'],
])('of an image that is %s by now nothing is made', async (_, read, code) => {
  const one = blobsOf({ read });
  expect(await codeOf(remakeRendition({ source }, 'r', one.blobs, signal))).toBe(code);
  const job = { source, image: { contentType: 'image/jpeg', width: 1, height: 1, bytes: 1 } } as Job;
  expect(await codeOf(openImage(job, one.blobs, signal).bytes())).toBe(code);
  expect(one.calls).toEqual(Array(2).fill('read inputimages b/a.jpg e'));
  expect(one.signals).toEqual([signal, signal]);
});

test('a working copy that has gone is made again from the original, unless that goes meanwhile', async () => {
  const { blobs, calls } = blobsOf({ read: content(turned), head: [{ etag: 'e' }] });
  const bytes = await remakeRendition({ source }, 'r', blobs, signal);
  expect(bytes.length).toBeGreaterThan(0);
  const made = [
    'read inputimages b/a.jpg e',
    'write renditions r true image/jpeg',
    'head inputimages b/a.jpg',
  ];
  expect(calls).toEqual(made);
  const erased = blobsOf({ read: content(turned), head: [undefined] });
  expect(await codeOf(remakeRendition({ source }, 'r', erased.blobs, signal))).toBe('ImageGone');
  expect(erased.calls).toEqual([...made, 'delete renditions r']);
  const broken = blobsOf({ read: content(Buffer.from('none')) });
  expect(await codeOf(remakeRendition({ source }, 'r', broken.blobs, signal))).toBe('RenditionMissing');
  const away = blobsOf({ read: content(turned) });
  Object.assign(away.blobs, { write: () => Promise.reject(new Error('away')) });
  expect(await codeOf(remakeRendition({ source }, 'r', away.blobs, signal))).toEqual(new Error('away'));
});

test('a step reads a working copy after the original, and has it made where it is not whole', async () => {
  const job = (more: object = {}) =>
    ({
      id: 'j',
      imageUrl: 'u',
      source,
      image: { contentType: 'image/jpeg', width: 3, height: 4, bytes: 1, rendition: 'r' },
      ...more,
    }) as Job;
  const there = blobsOf({ rendition: content(upright), head: [{ etag: 'e' }] });
  const image = openImage(job(), there.blobs, signal);
  expect(image).toMatchObject({ url: 'u', contentType: 'image/jpeg', width: 3, height: 4 });
  expect(await image.bytes()).toBe(upright);
  expect((await image.pixels()).width).toBeGreaterThan(0);
  expect(there.calls).toEqual(['head inputimages b/a.jpg', 'read renditions r']);
  expect(there.signals).toEqual([signal]);
  const erased = blobsOf({ rendition: content(upright), head: [undefined] });
  expect(await codeOf(openImage(job(), erased.blobs, signal).bytes())).toBe('ImageGone');
  for (const rendition of [undefined, 'too large', 'changed']) {
    const gone = blobsOf({ read: content(turned), rendition, head: [{ etag: 'e' }] });
    await openImage(job(), gone.blobs, signal).bytes();
    expect(gone.calls).toContain('write renditions r true image/jpeg');
  }
  const other = blobsOf({ rendition: content(upright), head: [{ etag: 'other' }] });
  expect(await codeOf(openImage(job(), other.blobs, signal).bytes())).toBe('ImageSuperseded');
  const none = openImage({ id: 'j', imageUrl: 'u', source } as Job, other.blobs, signal);
  expect(none).toMatchObject({ contentType: 'application/octet-stream', width: 0, height: 0 });
  expect(await codeOf(none.bytes())).toBe('NoImage');
});

test('what is known of an image is what is seen of the version that was admitted', async () => {
  const settings = readSettings({ MAX_IMAGE_BYTES: '4000000', KEEP_EXIF: 'Orientation' });
  const of = async (read: unknown, given: object = {}) => {
    const { blobs, calls } = blobsOf({ read });
    return { ...(await examine({ ...source, ...given }, 'j', blobs, settings)), calls };
  };
  const readIt = 'read inputimages b/a.jpg e 4000000';
  expect(await of(content(upright))).toEqual({
    image: { contentType: 'image/jpeg', width: 96, height: 64, bytes: upright.length },
    calls: [readIt],
  });
  const name = `j.${jobIdOf('inputimages', 'b/a.jpg', 'e').slice(0, 12)}`;
  const made = await of(content(turned, { pipeline: 'ocr' }));
  expect(made.calls).toEqual([readIt, `write renditions ${name} true image/jpeg`]);
  expect(made).toMatchObject({ asksFor: 'ocr', image: { rendition: name, bytes: turned.length } });
  const known = ['bytes', 'contentType', 'exif', 'height', 'rendition', 'width'];
  expect(Object.keys(made.image ?? {}).sort()).toEqual(known);
  expect(made.image?.exif).toEqual(expect.any(Object));
  const away = blobsOf({ read: content(turned) });
  Object.assign(away.blobs, { write: () => Promise.reject(new Error('away')) });
  await expect(examine(source, 'j', away.blobs, settings)).rejects.toThrow('away');
  const renamed = await of(content(upright, { pipeline: 'ocr', originalname: 'x'.repeat(900) }));
  expect(renamed.asksFor).toBe('ocr');
  expect(renamed.image?.warnings).toMatchObject([
    { code: 'FileRenamed', message: expect.stringMatching(/by byte: x{800}$/) },
  ]);
  expect(await of(content(upright), { etag: '' })).toMatchObject({ end: { kind: 'gone' }, calls: [] });
  expect((await of(undefined)).end?.kind).toBe('gone');
  expect((await of('changed')).end?.kind).toBe('superseded');
  expect(await of('too large')).toMatchObject({
    end: {
      kind: 'rejected',
      reason: { code: 'ImageTooManyBytes', message: expect.stringContaining('4000000') },
    },
  });
  const rejected = await of(content(Buffer.from('none'), { pipeline: 'ocr' }));
  expect(rejected).toMatchObject({ asksFor: 'ocr', end: { kind: 'rejected' } });
  expect(rejected).not.toHaveProperty('image');
});

test('an image of another host is asked for where it has not been copied, and ends its job where it never comes', async () => {
  const now = Date.parse('2026-01-02T00:00:00.000Z');
  const day = 24 * 3_600_000;
  const copyIn = async (head: unknown, fetchImage: () => Promise<Buffer>, away_since?: number) => {
    const { blobs, calls } = blobsOf({ head: [head] });
    const storage = { blobs } as never;
    const foreign = new ForeignImages({ storage, settings: readSettings({}), clock: () => now, fetchImage });
    const message = parseMessage({
      job_definition: { id: 'j', input: { image_url: 'https://a.example/1.jpg' } },
      ...(away_since !== undefined && { away_since: new Date(away_since).toISOString() }),
    });
    const copied = await foreign
      .copyIn(message)
      .catch((error: unknown) => error as { end?: { kind: string } });
    return { copied, calls };
  };
  const at = { container: 'renditions', name: 'j.original' };
  const never = () => expect.unreachable('it is there');
  expect((await copyIn({ etag: 'there' }, never as never)).copied).toEqual({
    source: { ...at, etag: 'there' },
  });
  const fetched = await copyIn(undefined, async () => upright);
  expect(fetched.copied).toEqual({ source: { ...at, etag: 'written' } });
  expect(fetched.calls).toEqual([
    'head renditions j.original',
    'write renditions j.original true application/octet-stream',
  ]);
  const fails = async (error: unknown, since?: number) =>
    (await copyIn(undefined, () => Promise.reject(error), since)).copied as { end?: { kind: string } };
  expect(await fails(new PermanentError('ForeignImageNotFound', 'x'))).toMatchObject({
    ...{ source: { ...at, etag: '' }, end: { kind: 'gone' } },
  });
  expect((await fails(new PermanentError('ForeignImageRefused', 'x'))).end?.kind).toBe('rejected');
  for (const away of [new OutageError('x'), new RateLimitedError('x', 1)]) {
    expect(await fails(away)).toBeInstanceOf(HostAwayError);
    expect(await fails(away, now - day)).toBeInstanceOf(HostAwayError);
    expect((await fails(away, now - day - 1)).end?.kind).toBe('rejected');
  }
  const contract = new ContractError('x');
  expect(await fails(contract, 0)).toBe(contract);
  const isMissing = (container: string, etag: string) =>
    ForeignImages.isMissing({ container, name: 'n', etag });
  expect([isMissing('renditions', ''), isMissing('renditions', 'e'), isMissing('inputimages', '')]).toEqual([
    ...[true, false, false],
  ]);
});

test('each blob that an event announces is admitted but for what is nobody’s; what is no event is kept', async () => {
  const admitted: unknown[] = [];
  const told: unknown[] = [];
  const letters: unknown[] = [];
  const heads: string[] = [];
  const deps = {
    storage: {
      blobs: {
        head: async (_: string, name: string) => {
          heads.push(name);
          return { bytes: 0, metadata: { hdi_isfolder: name.startsWith('folder') ? 'true' : 'false' } };
        },
      },
      queues: { send: async (queue: string, text: string) => void told.push([queue, text]) },
    },
    admission: {
      admitBlob: async (name: string, etag?: string) => {
        if (name === 'away.jpg') throw new OutageError('Away.');
        if (name === 'bug.jpg') throw new Error('a bug');
        admitted.push([name, etag]);
      },
    },
    deadLetters: { record: async (letter: object) => void letters.push(letter) },
    ...{ settings: readSettings({}), random: () => 0 },
  } as never;
  const take = (raw: unknown) => takeIn(raw, { log: silentLog } as never, deps);
  const sized = (name: string, contentLength?: number) => ({
    ...blobCreated(name, 'e'),
    data: { eTag: 'e', ...(contentLength !== undefined && { contentLength }) },
  });
  await take([
    sized('a.jpg', 5),
    sized('Thumbs.db', 5),
    sized('folder/x', 0),
    sized('empty.jpg', 0),
    sized('b.jpg'),
  ]);
  expect(admitted).toEqual([
    ['a.jpg', 'e'],
    ['empty.jpg', 'e'],
    ['b.jpg', 'e'],
  ]);
  expect(heads, 'of blobs that have no bytes').toEqual(['folder/x', 'empty.jpg']);
  await take(JSON.stringify(sized('away.jpg', 1)));
  expect(told).toEqual([['inputimages-events', JSON.stringify(sized('away.jpg', 1))]]);
  await expect(take(sized('bug.jpg', 1))).rejects.toThrow('a bug');
  await take({ no: 'event' });
  expect(letters).toMatchObject([
    { queue: 'inputimages-events', error: { code: 'NotAnEvent' }, message: '{"no":"event"}' },
  ]);
});
