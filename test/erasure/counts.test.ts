import { expect, test } from 'vitest';
import { jobKey } from '../../src/domain/job-id.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { placesOf, sweptStoresOf } from '../../src/erasure/map.ts';
import { targetOf } from '../../src/erasure/subjects.ts';
import { linkJobs } from '../../src/pipeline/rescue/link-jobs.ts';
import { containers } from '../../src/storage/names.ts';
import { decide } from '../results/fixtures.ts';
import { openApi, photograph } from '../support/api.ts';
import { stage } from '../support/scene.ts';

const api = await stage(
  openApi({
    PIPELINE_DEFINITION:
      'generalclassification,ocr,duplicates,facedetection,facecrop,faceprint,facematch,pipelineoutput',
  }),
);
// Where everything is linked, the first look goes by the links; a sweep goes through all there is.
await linkJobs(api.app, () => true);

const { signal } = new AbortController();
const scene = (person: number) => ({
  faces: [{ person, box: { left: 40, top: 40, width: 200, height: 200 } }],
});

async function upload(name: string, seed: number): Promise<string> {
  const bytes = await photograph(scene(1), seed);
  const { json } = await api.upload('/api/uploads?batch=counted', [{ name, bytes }]);
  await api.drain();
  return String(json.files[0].id);
}

test('every place counts what it has of an image, and erases it: what was found is deleted, and nothing is left', async () => {
  const { app } = api;
  const [own, other] = [await upload('own.jpg', 1), await upload('other.jpg', 2)];
  const results = await app.results();
  const [pair] = await results.decisions.ofImage(own);
  expect([pair?.a.imageId, pair?.b.imageId].sort()).toEqual([own, other].sort());
  await decide(results, [pair?.a.face ?? '', pair?.b.face ?? ''], 'confirmed', 'somebody');
  // Two of each, so that a count of one is no count.
  const { blobs } = app.storage;
  for (const n of [1, 2]) {
    await blobs.write(containers.renditions, `${jobKey(own)}.${n}`, Buffer.from('x'), 'image/jpeg');
    await blobs.write(containers.largeMessages, `${jobKey(own)}/${n}`, Buffer.from('x'), 'image/jpeg');
    await blobs.write(containers.faces, `${jobKey(own)}/${n}`, Buffer.from('x'), 'image/jpeg');
    const message = JSON.stringify({ job_definition: { id: own }, n });
    await app.deadLetters.record({ queue: 'ocr', error: { code: 'X', message: 'x' }, message });
  }
  const eraser = new Eraser({ app, log: silentLog, settleMs: 0 });
  const { subjects, found } = await eraser.plan({ kind: 'image', image: own }, signal);
  expect(subjects.map(({ id }) => id)).toEqual([own]);
  expect(found).toMatchObject({
    'blob:inputimages': 1,
    'blob:renditions': 2,
    'blob:largemessages': 2,
    'blob:faces': 3,
    'table:pipelinelogs': 1,
    'table:jobindex': 1,
    // Its picture, the other that mentions it, what it mentions itself, and that list.
    'table:joblinks': expect.any(Number),
    'table:pipelinelogs, of other images': 1,
    'table:imagehashes': expect.any(Number),
    'table:faceindex': 1,
    'vision:face lists': 1,
    'table:deadletters': 2,
    'sql:pipeline_output': 1,
    'sql:face': 1,
    'sql:face_match': 1,
    'sql:match_decision': 1,
  });
  expect(found['table:imagehashes']).toBeGreaterThan(0);

  const provisional = await eraser.erase({ kind: 'image', image: own }, 'tester', signal);
  for (const { store, found: many, deleted, remaining } of provisional?.stores ?? [])
    expect([store, many, deleted, remaining]).toEqual([store, found[store], found[store], 0]);
  expect(provisional?.stores.map(({ store }) => store).sort()).toEqual(Object.keys(found).sort());
  const target = targetOf(subjects);
  for (const place of placesOf(app)) {
    const left = await place.count(target, { signal });
    expect(
      Object.values(left).every((count) => count === 0),
      JSON.stringify(left),
    ).toBe(true);
  }
  for (const store of sweptStoresOf(app)) {
    const look = store.open(target);
    for (let from: string | undefined; ; ) {
      const page = await look(from, signal);
      expect(page.traces.map(({ store: where, ids }) => [where, ids])).toEqual([]);
      if (page.next === undefined) break;
      from = page.next;
    }
  }
  expect(await results.get(other), 'another photograph stays').toMatchObject({ status: 'done', matches: [] });
  expect((await eraser.proceed(provisional?.id ?? '', signal))?.state).toBe('final');
});
