import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ErasureRequest } from '../../src/erasure/request.ts';
import { select } from '../../src/erasure/select.ts';
import { isPerson, personSubject } from '../../src/erasure/subjects.ts';
import { containers } from '../../src/storage/names.ts';
import { decide, face, image, match } from '../results/fixtures.ts';
import { openParts, type Parts } from './parts.ts';

const DAY_MS = 24 * 3_600_000;
const { signal } = new AbortController();

let world: Parts;
beforeAll(async () => {
  world = await openParts();
});
afterAll(() => world?.close());

const found = async (request: ErasureRequest) =>
  (await select(request, world.parts, signal)).map(({ id }) => id).sort();
const image_ = (asked: string) => found({ kind: 'image', image: asked });
const sorted = (...jobs: { id: string }[]) => jobs.map(({ id }) => id).sort();

describe('the images of an erasure', () => {
  test('of a job are that version; of a blob by name or address, all of them, with and without a job', async () => {
    const old = await world.add('versions/a.jpg');
    await world.pipeline.storage.blobs.write(
      containers.input,
      'versions/a.jpg',
      Buffer.from('2'),
      'image/jpeg',
    );
    const now = await world.pipeline.storage.blobs.head(containers.input, 'versions/a.jpg');
    expect(await image_(old.id)).toEqual([old.id]);
    const both = await select({ kind: 'image', image: 'versions/a.jpg' }, world.parts, signal);
    expect(both.map(({ source }) => source?.etag).sort()).toEqual([old.source.etag, now?.etag ?? ''].sort());
    expect(both.every(({ batchId }) => batchId === 'versions')).toBe(true);
    expect(await image_(old.imageUrl)).toEqual(both.map(({ id }) => id).sort());
    expect(await image_('versions/none.jpg')).toEqual([]);
  });

  test('of a foreign address are its jobs, each with a copy of its own, wherever they are', async () => {
    const imageUrl = 'https://a.example/1.jpg';
    const copy = (name: string) => ({ container: containers.renditions, name, etag: name });
    const one = await world.add('foreign/x.jpg', { id: 'f1', imageUrl, source: copy('f1.jpg') });
    const two = await world.add('foreign2/x.jpg', { id: 'f2', imageUrl, source: copy('f2.jpg') });
    const other = 'https://a.example/2.jpg';
    await world.add('foreign/y.jpg', { id: 'f3', imageUrl: other, source: copy('f3.jpg') });
    expect(await image_(imageUrl)).toEqual(sorted(one, two));
    expect(await image_('f1'), 'with the other job of the same picture').toEqual(sorted(one, two));
    expect(await image_('f3')).toEqual(['f3']);
  });

  test('take along other jobs of the very same version, not those of another', async () => {
    const one = await world.add('shared/a.jpg');
    const again = { id: 'posted', source: one.source, imageUrl: one.imageUrl };
    await world.add('elsewhere/z.jpg', { ...again, batchId: 'elsewhere' });
    await world.add('elsewhere/y.jpg', { id: 'older', source: { ...one.source, etag: 'older' } });
    await world.add('elsewhere/w.jpg', { id: 'blank', source: { ...one.source, etag: '' } });
    expect(await image_(one.id)).toEqual([one.id, 'posted'].sort());
    expect(await image_('blank'), 'of no version are none').toEqual(['blank']);
    const other = await world.add('shared/b.jpg');
    expect(await found({ kind: 'batch', batch: 'shared' })).toEqual([...sorted(one, other), 'posted'].sort());
  });

  test('of a row whose job is no more are that row', async () => {
    await (await world.pipeline.results()).save(image('rowonly', { batchId: 'rows' }));
    expect(await image_('rowonly')).toEqual(['rowonly']);
    expect(await found({ kind: 'batch', batch: 'rows' })).toEqual(['rowonly']);
  });

  test('of a batch are its jobs, its blobs and its rows, and none of another whose name begins alike', async () => {
    const job = await world.add('camp/a.jpg', { row: false });
    const blob = await world.add('camp/b.jpg', { row: false, job: false });
    await world.add('camp2/c.jpg', { row: false });
    await world.add('camp2/d.jpg', { row: false, job: false });
    expect(await found({ kind: 'batch', batch: 'camp' })).toEqual(sorted(job, blob));
    const loose = await world.add('loose.jpg', { row: false });
    const blobOnly = await world.add('loose2.jpg', { row: false, job: false });
    expect(await found({ kind: 'batch', batch: 'default' })).toEqual(sorted(loose, blobOnly));
  });

  test('of a list are those on it that are still known', async () => {
    const [one, two] = [await world.add('listed/a.jpg'), await world.add('listed/b.jpg')];
    const { bulk } = await world.pipeline.results();
    const { id } = await bulk.draft('erase', [one.id, 'unknown', two.id], {}, 'ann');
    expect(await found({ kind: 'selection', selection: id })).toEqual(sorted(one, two));
    expect(await found({ kind: 'selection', selection: 'none' })).toEqual([]);
  });

  test('of persons are those that something is kept of; an image is none of them, whatever it is called', async () => {
    const { id } = await (await world.parts.people()).persons.make({ fullName: 'Amal' }, { by: 'ann' });
    const subjects = await select({ kind: 'person', persons: [id, 'none', id] }, world.parts, signal);
    expect(subjects).toEqual([personSubject(id)]);
    expect(subjects.every(isPerson)).toBe(true);
    // A message that somebody posts names its own job and batch.
    await world.add('posing/a.jpg', { id, batchId: `person:${id}` });
    const [image, ...others] = await select({ kind: 'image', image: id }, world.parts, signal);
    expect([image?.id, image && isPerson(image), others]).toEqual([id, false, []]);
  });

  test('of a face are its image, and those of faces that were confirmed as the same and named', async () => {
    const results = await world.pipeline.results();
    for (const id of ['p1', 'p2', 'p3'])
      await results.save(
        image(id, {
          batchId: 'faces',
          faces: [face(`${id}-0`)],
          matches: id === 'p1' ? [] : [match(id, 'p1', 0.9)],
        }),
      );
    await decide(results, ['p1-0', 'p2-0'], 'confirmed', 'ann');
    const of = (first: string, ...others: string[]) => found({ kind: 'face', face: first, with: others });
    expect(await of('p1-0')).toEqual(['p1']);
    expect(await of('p1-0', 'p2-0', 'p2-0')).toEqual(['p1', 'p2']);
    await expect(of('p1-0', 'p3-0')).rejects.toMatchObject({ code: 'NotConfirmed' });
    await expect(of('none-0')).rejects.toMatchObject({ code: 'UnknownFace' });
    await expect(
      select({ kind: 'batch', batch: 'faces' }, world.parts, AbortSignal.abort()),
    ).rejects.toThrow();
  });
});

describe('what is too old', () => {
  const at = (days: number) => new Date(Date.parse('2026-06-01T00:00:00.000Z') + days * DAY_MS).toISOString();
  const tooOld = (days: number | undefined, byBatch: { prefix: string; days: number }[], now: string) =>
    found({ kind: 'retention', now, rules: { byBatch, ...(days !== undefined && { days }) } }).then((ids) =>
      ids.filter((id) => /^old\d/.test(id)),
    );
  beforeAll(async () => {
    const old = (name: string, id: string, days: number) =>
      world.add(name, { id, admittedAt: at(days), source: { container: 'x', name: id, etag: id } });
    await old('keep/a.jpg', 'old1', 0);
    await old('keep-long/a.jpg', 'old2', 0);
    await old('keep/b.jpg', 'old3', 10);
    const results = await world.pipeline.results();
    await results.save(image('old4', { batchId: 'keep', finishedAt: at(-1 / DAY_MS) }));
    // Rerun late: its job says how old it is, and its row is newer; one the other way round lives on.
    await results.save(image('old3', { batchId: 'keep', finishedAt: at(-20) }));
  });

  test('is so by the days of all, at the very moment, jobs and rows alike', async () => {
    expect(await tooOld(30, [], at(30))).toEqual(['old1', 'old2', 'old4']);
    expect(await tooOld(30, [], new Date(Date.parse(at(30)) - 1).toISOString())).toEqual([]);
    expect(await tooOld(30, [], at(40))).toEqual(['old1', 'old2', 'old3', 'old4']);
  });

  test('is so by the longest prefix that fits, and never where no rule does', async () => {
    const rules = [
      { prefix: 'keep', days: 5 },
      { prefix: 'keep-long', days: 100 },
    ];
    expect(await tooOld(undefined, rules, at(5))).toEqual(['old1', 'old4']);
    expect(await tooOld(30, rules, at(30))).toEqual(['old1', 'old3', 'old4']);
    expect(await tooOld(undefined, [{ prefix: 'keep-long', days: 1 }], at(300))).toEqual(['old2']);
  });
});
