import { expect, test, vi } from 'vitest';
import { ImageChangedError, PermanentError } from '../../../src/domain/errors.ts';
import type { Job } from '../../../src/domain/job.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { examine } from '../../../src/pipeline/admission/examine.ts';
import { workingVersion } from '../../../src/pipeline/admission/working-version.ts';
import { openImage } from '../../../src/pipeline/delivery/image.ts';
import { openStorage } from '../../../src/storage/account.ts';
import { containers } from '../../../src/storage/names.ts';
import { jpeg, orientedJpeg } from '../../support/images.ts';
import { scene } from '../../support/scene.ts';

const { signal } = new AbortController();
let count = 0;

const storage = await scene(async (emulator) => {
  const opened = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await opened.blobs.ensure([containers.input, containers.renditions]);
  return opened;
});

/** An admitted image, with or without a working copy of its own. */
async function admitted(rendition?: Buffer) {
  count += 1;
  const name = `batch/${count}.jpg`;
  const bytes = await jpeg();
  await storage.blobs.write(containers.input, name, bytes, 'image/jpeg');
  const etag = (await storage.blobs.head(containers.input, name))?.etag ?? '';
  if (rendition) await storage.blobs.write(containers.renditions, name, rendition, 'image/jpeg');
  const job = {
    id: `job-${count}`,
    imageUrl: storage.blobs.url(containers.input, name),
    source: { container: containers.input, name, etag },
    image: {
      contentType: 'image/jpeg',
      width: 1,
      height: 1,
      bytes: bytes.length,
      ...(rendition && { rendition: name }),
    },
  } as Job;
  return { job, name, bytes };
}
const read = (job: Job) => openImage(job, storage.blobs, signal).bytes();
const endOf = (job: Job) =>
  read(job).then(
    () => 'read',
    (error: unknown) => (error instanceof ImageChangedError ? error.end : error),
  );

test.each([
  ['the original itself', false],
  ['a working copy', true],
])('a step sees %s, and never another version of it', async (_, copied) => {
  const copy = await jpeg();
  const one = await admitted(copied ? copy : undefined);
  expect((await read(one.job)).equals(copied ? copy : one.bytes)).toBe(true);

  await storage.blobs.write(containers.input, one.name, Buffer.from('another'), 'image/jpeg');
  expect(await endOf(one.job)).toBe('superseded');

  await storage.blobs.delete(containers.input, one.name);
  expect(await endOf(one.job)).toBe('gone');
});

test('the bytes are read once for all that a step asks of them', async () => {
  const { job, name } = await admitted();
  const image = openImage(job, storage.blobs, signal);
  const first = await image.bytes();
  await storage.blobs.delete(containers.input, name);
  expect(await image.bytes()).toBe(first);
});

test('the step that follows has the bytes without fetching them, untouched by the one before', async () => {
  for (const copy of [undefined, await jpeg()]) {
    const { job, name, bytes } = await admitted(copy);
    const seen = await read(job);
    seen.fill(0);
    const fetched = vi.spyOn(storage.blobs, 'read');
    const next = await read(job);
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    expect(next.equals(copy ?? bytes)).toBe(true);
    // The same picture uploaded again is another version.
    await storage.blobs.write(containers.input, name, bytes, 'image/jpeg');
    expect(await endOf(job)).toBe('superseded');
    expect(storage.blobs.recent.get(workingVersion(job.source, job.image?.rendition))).toBeUndefined();
  }
});

test('what cannot be asked for is not touched: it is kept no longer for having been asked for', async () => {
  const { job } = await admitted();
  await read(job);
  const asked = vi.spyOn(storage.blobs, 'head').mockRejectedValue(new Error('away'));
  const touched = vi.spyOn(storage.blobs.recent, 'get');
  await expect(read(job)).rejects.toThrow('away');
  expect(touched).not.toHaveBeenCalled();
  asked.mockRestore();
  touched.mockRestore();
});

test('what admission has seen the first step need not fetch', async () => {
  const settings = readSettings({});
  for (const bytes of [await jpeg(), await orientedJpeg(6)]) {
    const { job, name } = await admitted();
    await storage.blobs.write(containers.input, name, bytes, 'image/jpeg');
    const etag = (await storage.blobs.head(containers.input, name))?.etag ?? '';
    const source = { ...job.source, etag };
    const { image } = await examine(source, job.id, storage.blobs, settings);
    const fetched = vi.spyOn(storage.blobs, 'read');
    const seen = await read({ ...job, source, ...(image && { image }) });
    expect(fetched).not.toHaveBeenCalled();
    fetched.mockRestore();
    if (image?.rendition === undefined) expect(seen.equals(bytes)).toBe(true);
    else {
      const made = await storage.blobs.read(containers.renditions, image.rendition);
      expect(made).toMatchObject({ bytes: seen });
    }
  }
});

test('a job whose image could not be decoded has nothing for a step to look at', async () => {
  const { job } = await admitted();
  const { image: _, ...without } = job;
  await expect(read(without as Job)).rejects.toThrow(PermanentError);
});
