import { beforeEach, describe, expect, test } from 'vitest';
import { batchOf, jobIdOf } from '../../../src/domain/job-id.ts';
import { containers, EVENTS_QUEUE } from '../../../src/storage/names.ts';
import { blobCreated } from '../../support/blob-created.ts';
import {
  animation,
  cmykJpeg,
  jpeg,
  noise,
  orientedJpeg,
  pngBomb,
  REFUSED,
  sixteenBitPng,
  truncated,
  webp,
} from '../../support/images.ts';
import { openPipeline } from '../../support/pipeline.ts';
import { scene } from '../../support/scene.ts';
import { openAdmission } from './support.ts';

const pipeline = await scene(openAdmission);
beforeEach(() => pipeline.reset());

describe('events', () => {
  test('two or three events of one upload, plain, in an array and in base64, are one job run once', async () => {
    const { name, etag, id } = await pipeline.dropped(await jpeg());
    await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
    await pipeline.deliver(EVENTS_QUEUE, [blobCreated(name, `"${etag}"`)]);
    await pipeline.deliver(
      EVENTS_QUEUE,
      Buffer.from(JSON.stringify(blobCreated(name, etag))).toString('base64'),
    );
    expect(await pipeline.depth('seeing')).toBe(1);
    await pipeline.drain();
    await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag));
    await pipeline.drain();
    expect(pipeline.ran).toEqual([id]);
  });

  test('a lost event is made up for, once', async () => {
    const { id } = await pipeline.dropped(await jpeg());
    expect(await pipeline.reconciler.run(pipeline.delivery().log)).toBe(1);
    await pipeline.drain();
    pipeline.reconciler.forget();
    expect(await pipeline.reconciler.run(pipeline.delivery().log)).toBe(0);
    expect(pipeline.rows.has(id)).toBe(true);
  });

  test('a crash between the journal row and the first message is made up for by the event, delivered again', async () => {
    const { name, etag, id } = await pipeline.dropped(await jpeg());
    const send = pipeline.storage.queues.send.bind(pipeline.storage.queues);
    pipeline.storage.queues.send = () => Promise.reject(new Error('killed here'));
    await expect(pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag))).rejects.toThrow('killed here');
    pipeline.storage.queues.send = send;
    await pipeline.deliver(EVENTS_QUEUE, blobCreated(name, etag), 2);
    await pipeline.drain();
    expect(pipeline.rows.has(id)).toBe(true);
  });

  test('other events and other containers are left alone, and what is no event is a dead letter', async () => {
    await pipeline.deliver(EVENTS_QUEUE, {
      ...blobCreated('a/b.jpg', 'x'),
      eventType: 'Microsoft.Storage.BlobDeleted',
    });
    await pipeline.deliver(EVENTS_QUEUE, {
      ...blobCreated('a', 'x'),
      subject: '/blobServices/default/containers/faces/blobs/a',
    });
    await pipeline.deliver(EVENTS_QUEUE, { hello: 1 });
    expect(await pipeline.depth('seeing')).toBe(0);
    const letters = [];
    for await (const letter of pipeline.deadLetters.list(EVENTS_QUEUE)) letters.push(letter);
    expect(letters).toMatchObject([{ error: { code: 'NotAnEvent' }, message: '{"hello":1}' }]);
  });

  test.each(['sp ace/ü 😀.jpg', 'a%2fb/c%20d.jpg', 'dots../x..y.jpg', "quote'#?&.jpg"])(
    'the blob name %s is one image like any other',
    async (name) => {
      const etag = await pipeline.drop(name, await jpeg());
      await pipeline.reconciler.run(pipeline.delivery().log);
      await pipeline.drain();
      const id = jobIdOf(containers.input, name, etag);
      expect(pipeline.rows.get(id)?.steps.seeing).toMatchObject({ state: 'done' });
      const row = await pipeline.journal.read(batchOf(name), id);
      expect(pipeline.storage.blobs.nameIn(containers.input, row?.job.imageUrl ?? '')).toBe(name);
    },
  );
});

describe('what is not an image becomes a rejected row with its reason', () => {
  test.each(Object.entries(REFUSED))('%s', async (_, { bytes, code }) => {
    const { id } = await pipeline.dropped(bytes);
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(pipeline.rows.get(id)).toMatchObject({
      end: 'rejected',
      steps: { seeing: { state: 'skipped', error: { code } } },
    });
    expect(pipeline.ran).not.toContain(id);
  });

  test('a truncated JPEG and a PNG that would unpack to 30,000 x 30,000', async () => {
    const broken = await pipeline.dropped(truncated(await jpeg()));
    const bomb = await pipeline.dropped(pngBomb());
    const good = await pipeline.dropped(await jpeg());
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    expect(pipeline.rows.get(broken.id)?.steps.seeing?.error?.code).toBe('BrokenImage');
    expect(pipeline.rows.get(bomb.id)?.steps.seeing?.error?.code).toBe('ImageTooManyPixels');
    expect(pipeline.rows.get(good.id)?.steps.seeing?.state).toBe('done');
  });

  test('an image over MAX_IMAGE_BYTES is refused without being read', async () => {
    const small = await openPipeline(pipeline.emulator, [pipeline.seeing], { MAX_IMAGE_BYTES: '1024' });
    const { name, etag, id } = await pipeline.dropped(Buffer.alloc(5000, 1));
    await small.deliver(EVENTS_QUEUE, blobCreated(name, etag));
    await small.drain();
    expect(small.rows.get(id)).toMatchObject({
      end: 'rejected',
      steps: { seeing: { error: { code: 'ImageTooManyBytes' } } },
    });
  });
});

describe('renditions', () => {
  const rendered = async (bytes: Buffer) => {
    const { id, name } = await pipeline.dropped(bytes);
    await pipeline.reconciler.run(pipeline.delivery().log);
    await pipeline.drain();
    const entry = await pipeline.journal.read(batchOf(name), id);
    const original = await pipeline.storage.blobs.read(containers.input, name);
    expect((original as { bytes: Buffer }).bytes.equals(bytes)).toBe(true);
    return { facts: entry?.job.image, row: pipeline.rows.get(id) };
  };

  test('an image the services take has none', async () => {
    expect((await rendered(await jpeg(noise(96, 64)))).facts?.rendition).toBeUndefined();
    expect(
      (await rendered(await animation('gif', [noise(96, 64), noise(96, 64)]))).facts?.rendition,
    ).toBeUndefined();
  });

  test.each([
    ['WebP', () => webp()],
    ['EXIF-rotated', () => orientedJpeg(6)],
    ['CMYK', () => cmykJpeg()],
    ['16-bit', () => sixteenBitPng()],
  ])('a %s image gets one, upright, and steps see its pixels', async (_, make) => {
    const { facts, row } = await rendered(await make());
    expect(facts).toMatchObject({ contentType: 'image/jpeg', rendition: expect.any(String) });
    expect(row?.outputs.seeing).toMatchObject({ width: facts?.width, height: facts?.height });
  });
});
