import { beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { containers, tables } from '../../src/storage/names.ts';
import { decide, image } from '../results/fixtures.ts';
import { openApi, photograph } from '../support/api.ts';
import { jpeg, noise } from '../support/images.ts';
import { stage } from '../support/scene.ts';

/** That what is tested by itself is also called: each part through those who use it. */
const api = await stage(openApi({}, { recorded: true }));
beforeEach(() => {
  if (api.recorder) api.recorder.meddle = async () => {};
});

const { signal } = new AbortController();
const eraser = (more: Partial<ConstructorParameters<typeof Eraser>[0]> = {}) =>
  new Eraser({ app: api.app, log: silentLog, settleMs: 0, ...more });
const faces = (...people: number[]) =>
  people.map((person, n) => ({ person, box: { left: 10 + n * 220, top: 40, width: 200, height: 200 } }));

let seed = 0;
async function upload(batch: string, people: number[], name = `${seed}.jpg`) {
  seed += 1;
  const bytes = await photograph({ faces: faces(...people) }, seed);
  const { json } = await api.upload(`/api/uploads?batch=${batch}`, [{ name, bytes }]);
  const [file] = json.files;
  return { id: String(file.id), blobName: String(file.blobName), batch };
}
const rowOf = async (id: string) => (await api.app.results()).get(id);
async function enrolled(): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of api.app.gallery().enrolled()) keys.push(key);
  return keys;
}

describe('uploads', () => {
  test('another photograph of the same name and the same length is another photograph', async () => {
    const bytes = await jpeg(noise(64, 64));
    const other = Buffer.from(bytes);
    // The comment at its end: the same picture in other bytes.
    const [one, two] = [Buffer.concat([bytes, Buffer.from('a')]), Buffer.concat([other, Buffer.from('b')])];
    const sent = async (content: Buffer) =>
      (await api.upload('/api/uploads?batch=names', [{ name: 'same.jpg', bytes: content }])).json.files[0];
    const [first, again, second] = [await sent(one), await sent(one), await sent(two)];
    expect(again).toEqual(first);
    expect(second.blobName).not.toBe(first.blobName);
    const read = await api.app.storage.blobs.read(containers.input, second.blobName);
    expect(read).toMatchObject({ bytes: two });
    const kept = await api.app.storage.blobs.read(containers.input, first.blobName);
    expect(kept).toMatchObject({ bytes: one });
  });
});

describe('matching that is forbidden', () => {
  test('while a face is being enrolled leaves none enrolled, and none is looked for', async () => {
    const { id } = await upload('heard', [1]);
    await api.drain('facematch');
    const { recorder } = api;
    if (!recorder) throw new Error('The app is not recorded.');
    recorder.meddle = async ({ what }) => {
      if (!what.startsWith('face add')) return;
      recorder.meddle = async () => {};
      await api.app.batches.change('heard', { doNotMatch: true }, 'somebody');
    };
    const calls = await recorder.during(() => api.deliverOne('facematch'));
    expect(calls.filter(({ what }) => what.startsWith('face find'))).toEqual([]);
    await api.drain();
    expect((await enrolled()).filter((key) => key.startsWith(id))).toEqual([]);
    expect((await rowOf(id))?.steps.facematch).toMatchObject({
      state: 'unavailable',
      error: { code: 'DoNotMatch' },
    });
  });

  test('of the other batch while the row is written takes the match out of it', async () => {
    const other = await upload('others', [2]);
    await api.drain();
    const own = await upload('mine', [2]);
    await api.drain('pipelineoutput');
    const results = await api.app.results();
    const save = results.save.bind(results);
    results.save = async (row) => {
      results.save = save;
      const saved = await save(row);
      await api.app.batches.change('others', { doNotMatch: true }, 'somebody');
      return saved;
    };
    await api.deliverOne('pipelineoutput');
    expect((await rowOf(own.id))?.matches).toEqual([]);
    expect(JSON.stringify((await rowOf(own.id))?.jobOutput)).not.toContain(other.id);
  });
});

describe('a rerun', () => {
  test('that sees fewer faces leaves no crop of those it no longer sees', async () => {
    const { id, batch } = await upload('crops', [3, 4]);
    await api.drain();
    const names = async () => {
      const found: string[] = [];
      for await (const { name } of api.app.storage.blobs.list(containers.faces, `${id}/`)) found.push(name);
      return found;
    };
    expect(await names()).toHaveLength(2);
    const { job } = (await api.app.journal.read(batch, id)) ?? {};
    const seen = job?.steps.facedetection?.output as { faces: { faceKey: string }[] };
    const step = api.app.registry.get('facecrop');
    const image = { width: 640, height: 480, bytes: () => jpeg(noise(640, 480)) };
    await step?.run({
      job: { id, batchId: batch, run: 1, pipeline: [], parameters: undefined },
      image: image as never,
      output: { facedetection: { faces: seen.faces.slice(0, 1) } },
      previous: job?.steps.facecrop?.output,
      record: undefined as never,
      settings: api.app.settings,
      log: silentLog,
      signal,
    });
    expect(await names()).toEqual([`${id}/${seen.faces[0]?.faceKey}.jpg`]);
  });
});

describe('an erasure', () => {
  test('keeps the row from being written again, from its first pass on', async () => {
    const { id, batch } = await upload('late', [5]);
    await api.drain();
    await eraser().erase({ kind: 'image', image: id }, 'tester', signal);
    const results = await api.app.results();
    expect(await results.save(image(id, { batchId: batch }))).toBe('erased');
    expect(await rowOf(id)).toBeUndefined();
  });

  test('takes along the other jobs of the very same picture, and not those of another version or name', async () => {
    const one = await upload('shared', [6], 'one.jpg');
    const other = await upload('shared', [7], 'other.jpg');
    const url = api.app.storage.blobs.url(containers.input, one.blobName);
    await api.drain();
    await api.app.storage.queues.send(
      api.app.pipeline[0] ?? '',
      JSON.stringify({ job_definition: { id: 'by-hand', batch_id: 'elsewhere', input: { image_url: url } } }),
    );
    await api.drain();
    expect((await rowOf('by-hand'))?.status).toBe('done');
    const { subjects } = await eraser().plan({ kind: 'image', image: one.id }, signal);
    expect(subjects.map(({ id }) => id).sort()).toEqual([one.id, 'by-hand'].sort());
    const receipt = await eraser().erase({ kind: 'image', image: 'by-hand' }, 'tester', signal);
    expect(receipt?.images).toBe(2);
    expect(await rowOf(one.id)).toBeUndefined();
    expect(await rowOf('by-hand')).toBeUndefined();
    expect((await rowOf(other.id))?.status).toBe('done');
  });

  test('of a version that was overwritten leaves the newer photograph', async () => {
    const old = await upload('versions', [8], 'same.jpg');
    await api.drain();
    const newer = await photograph({ faces: faces(9) }, 999);
    const { blobs } = api.app.storage;
    const etag = await blobs.write(containers.input, old.blobName, newer, 'image/jpeg');
    const receipt = await eraser().erase({ kind: 'image', image: old.id }, 'tester', signal);
    expect((await eraser().proceed(receipt?.id ?? '', signal))?.state).toBe('final');
    expect(await blobs.head(containers.input, old.blobName)).toMatchObject({ etag });
    expect(receipt?.stores.find(({ store }) => store === 'blob:inputimages')).toMatchObject({ found: 0 });
  });

  test('is counted again when its time has come, and not a moment before; nothing of the names is left then', async () => {
    const { id } = await upload('settles', [10]);
    await api.drain();
    let now = Date.now();
    const one = eraser({ clock: () => now, settleMs: 60_000 });
    const receipt = await one.erase({ kind: 'image', image: id }, 'tester', signal);
    expect(receipt).toMatchObject({ state: 'provisional', settlesAt: new Date(now + 60_000).toISOString() });
    now += 59_999;
    expect((await one.proceed(receipt?.id ?? '', signal))?.state).toBe('provisional');
    now += 1;
    expect((await one.proceed(receipt?.id ?? '', signal))?.state).toBe('final');
    const told: string[] = [];
    for await (const row of api.app.storage.tables.table(tables.erasures).list()) {
      if (row.rowKey === receipt?.id || row.partitionKey.endsWith(receipt?.id ?? ''))
        told.push(JSON.stringify(row));
    }
    expect(told).toHaveLength(1);
    expect(told[0]).not.toContain(id);
  });

  test('tells the audit once, before anything is gone, however often it is gone on with', async () => {
    const { id } = await upload('told', [11]);
    await api.drain();
    const told: unknown[] = [];
    const record = async () => void told.push((await rowOf(id))?.id);
    const receipt = await eraser({ record }).erase({ kind: 'image', image: id }, 'tester', signal);
    await eraser({ record }).proceed(receipt?.id ?? '', signal);
    expect(told).toEqual([id]);
  });
});

describe('a decision', () => {
  test('about a pair that is no longer reported can be changed; about one that never was, it is none', async () => {
    const other = await upload('pairs', [12]);
    await api.drain();
    const own = await upload('pairs', [12]);
    await api.drain();
    const results = await api.app.results();
    const [pair] = await results.decisions.ofImage(own.id);
    const keys = [pair?.a.face ?? '', pair?.b.face ?? ''] as const;
    expect(await decide(results, keys, 'notSame', 'ann')).toMatchObject({
      verdict: 'notSame',
      by: 'ann',
    });
    // A rerun of either finds nobody.
    for (const { id, batch } of [own, other]) await results.save(image(id, { batchId: batch, run: 1 }));
    expect(await results.decisions.ofImage(own.id)).toEqual([]);
    expect(await decide(results, keys, 'confirmed', 'bob')).toMatchObject({ by: 'bob' });
    expect(await results.decisions.rejectedAmong([keys])).toEqual([]);
    expect(await decide(results, ['nobody-1', 'nobody-2'], 'confirmed', 'bob')).toBeUndefined();
  });
});
