import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { resumeBulkActs } from '../../src/admin/bulk/proceed.ts';
import type {
  BulkAct,
  BulkDraft,
  ImageDetail,
  ImageFacets,
  ImagePage,
  Troubles,
} from '../../src/api/contract.ts';
import { routes } from '../../src/api/routes.ts';
import type { AuditRequest } from '../../src/audit/entry.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { containers } from '../../src/storage/names.ts';
import { type OpenApi, openApi, photograph } from '../support/api.ts';

/** Acts on many images and messages at once, over one world: each test goes on where the one before stopped. */
describe('acts on many', () => {
  let api: OpenApi;
  const ids = new Map<string, string>();
  const id = (name: string): string => ids.get(name) ?? `no ${name}`;

  async function uploadTo(batch: string, names: readonly string[]) {
    const files = await Promise.all(
      names.map(async (name, index) => ({ name, bytes: await photograph({}, 7 * batch.length + index) })),
    );
    const { json } = await api.upload(`${routes.uploads}?batch=${batch}`, files);
    for (const file of json.files) ids.set(file.name, file.id);
  }

  beforeAll(async () => {
    api = await openApi();
    await uploadTo('camp', ['a.jpg', 'b.jpg', 'c.jpg']);
    await uploadTo('reunion', ['Familie Müller.jpg']);
    await api.app.storage.blobs.write(
      containers.input,
      'camp/broken.jpg',
      Buffer.from('\xff\xd8\xff not really a photograph', 'latin1'),
      'image/jpeg',
    );
    await api.drain();
  });
  afterAll(() => api?.stop());

  const draft = (body: unknown) => api.send('POST', routes.bulkActs, body);
  const drafted = async (body: unknown): Promise<BulkDraft> => {
    const { status, json } = await draft(body);
    expect(status).toBe(201);
    return json;
  };
  const start = (act: BulkAct, items = act.items) => api.send('POST', routes.bulkStart(act.id), { items });
  const proceed = async (act: BulkAct): Promise<BulkAct> =>
    (await api.send('POST', routes.bulkProceed(act.id), {})).json;
  const runOf = async (name: string) =>
    ((await api.get(routes.image(id(name)))).json as ImageDetail).result?.run ?? -1;
  const entries = async (action: AuditRequest['action']) =>
    (await (await api.app.results()).audit.list({ action, limit: 100 })).map(({ about, detail }) => ({
      about,
      detail,
    }));

  test('images are found by file name and batch, and counts follow the filters', async () => {
    const found = async (query: string) =>
      ((await api.get(`${routes.images}?${query}`)).json as ImagePage).images.map(({ name }) => name);
    expect(await found('text=muller')).toEqual(['Familie Müller.jpg']);
    expect(await found('text=reun*')).toEqual(['Familie Müller.jpg']);
    const facets: ImageFacets = (await api.get(`${routes.imageFacets}?batch=camp&status=done`)).json;
    expect(facets).toMatchObject({ images: 3, imagesIsMinimum: false, sampled: 3 });
    expect((await api.get(`${routes.imageFacets}?batch=none`)).json).toMatchObject({ images: 0, tags: [] });
  });

  test('a rerun does exactly what was confirmed, in the background, and is written down', async () => {
    const { act, found } = await drafted({ kind: 'rerun', filter: { batch: 'camp', status: 'done' } });
    expect([act.items, act.state, found]).toEqual([3, 'draft', null]);
    // What comes after the list was made is not in it.
    await uploadTo('camp', ['later.jpg']);
    await api.drain();
    expect((await start(act, 4)).json.code).toBe('OtherNumber');
    expect((await start(act)).status).toBe(202);
    expect((await start(act)).status).toBe(409);
    const done = await proceed(act);
    expect(done).toMatchObject({ state: 'done', items: 3, position: 3, acted: 3, left: [] });
    await api.drain();
    expect(await Promise.all(['a.jpg', 'b.jpg', 'c.jpg', 'later.jpg'].map(runOf))).toEqual([1, 1, 1, 0]);
    const [entry] = await entries('image.rerun');
    expect(entry?.about).toHaveLength(3);
    expect(entry?.detail).toMatchObject({ act: act.id, step: null });
  });

  test('one step alone, where it failed alone: what has not failed is left, and said', async () => {
    const { act } = await drafted({
      ...{ kind: 'rerun', images: [id('a.jpg'), id('b.jpg')] },
      ...{ step: 'ocr', onlyFailed: true },
    });
    await start(act);
    expect(await proceed(act)).toMatchObject({
      state: 'done',
      acted: 0,
      left: [{ code: 'NothingToDo', items: 2 }],
    });
  });

  test('an image that is under way is left alone', async () => {
    const images = { images: [id('c.jpg')] };
    const first = (await drafted({ kind: 'rerun', ...images })).act;
    await start(first);
    await proceed(first);
    await api.deliverOne('generalclassification');
    const second = (await drafted({ kind: 'rerun', ...images })).act;
    await start(second);
    expect((await proceed(second)).left).toEqual([expect.objectContaining({ code: 'UnderWay', items: 1 })]);
    await api.drain();
    expect(await runOf('c.jpg')).toBe(2);
  });

  test('what nobody goes on with, the timer does; what is stopped does nothing more', async () => {
    const one = (await drafted({ kind: 'rerun', images: [id('a.jpg')] })).act;
    const two = (await drafted({ kind: 'rerun', images: [id('b.jpg')] })).act;
    await start(one);
    await start(two);
    expect((await api.ask('DELETE', routes.bulkAct(two.id))).status).toBe(204);
    await resumeBulkActs(api.app, silentLog, new AbortController().signal);
    expect((await api.get(routes.bulkAct(one.id))).json.state).toBe('done');
    expect((await api.get(routes.bulkAct(two.id))).json).toMatchObject({ state: 'stopped', acted: 0 });
    await api.drain();
    expect([await runOf('a.jpg'), await runOf('b.jpg')]).toEqual([2, 1]);
  });

  test('an export has the rows that were chosen, once, and is written down when it is started', async () => {
    const before = (await entries('results.exported')).length;
    const { act } = await drafted({ kind: 'export', filter: { batch: 'camp' }, without: [id('a.jpg')] });
    expect((await api.get(routes.bulkRows(act.id))).status).toBe(404);
    expect((await entries('results.exported')).length).toBe(before);
    await start(act);
    const { bytes, headers } = await api.get(routes.bulkRows(act.id));
    const lines = bytes.toString('utf8').trim().split('\r\n');
    expect(lines).toHaveLength(1 + act.items);
    expect(lines.join()).not.toContain(id('a.jpg'));
    expect(headers['content-disposition']).toContain('.csv');
    expect((await entries('results.exported'))[0]?.detail).toMatchObject({ rows: act.items });
    expect((await api.get(routes.bulkRows(act.id))).status).toBe(404);
  });

  test('an erasure says what there is before, erases that alone, and leaves one receipt', async () => {
    const images = [id('a.jpg'), id('Familie Müller.jpg')];
    const { act, found, batches } = await drafted({ kind: 'erase', images });
    expect(found?.['sql:pipeline_output']).toBe(2);
    expect(batches).toEqual([
      { batchId: 'camp', images: 1 },
      { batchId: 'reunion', images: 1 },
    ]);
    await start(act);
    const done = await proceed(act);
    expect(done).toMatchObject({ state: 'done', acted: 2 });
    const receipt = (await api.get(routes.erasure(done.receipt ?? ''))).json;
    expect(receipt).toMatchObject({ kind: 'selection', images: 2, state: 'provisional' });
    for (const one of images) expect((await api.get(routes.image(one))).status).toBe(404);
    expect((await api.get(routes.image(id('b.jpg')))).status).toBe(200);
    expect((await api.ask('DELETE', routes.bulkAct(act.id))).status).toBe(409);
  });

  test('troubles stand by reason, with what to do; messages are put back or dropped together', async () => {
    for (const message of ['{"no": "job"}', '{"no": "job either"}']) {
      const error = { code: 'InvalidMessage', message: 'It names no job.', retryable: false };
      await api.app.deadLetters.record({ queue: 'ocr', error, message });
    }
    const { groups }: Troubles = (await api.get(routes.troubles)).json;
    const rejected = groups.find(({ kind }) => kind === 'rejected');
    expect(rejected).toMatchObject({ code: 'BrokenImage', count: 1, act: null });
    expect(rejected?.advice).toContain('Upload the original file again');
    expect(groups.find(({ kind }) => kind === 'dead')).toMatchObject({
      step: 'ocr',
      count: 2,
      title: 'Text',
    });
    const all = { queue: 'ocr', code: 'InvalidMessage' };
    const put = (await drafted({ kind: 'replay', ...all })).act;
    await start(put);
    // As they are they could only die again: each stays, and says why.
    expect(await proceed(put)).toMatchObject({ state: 'done', acted: 0, left: [{ items: 2 }] });
    const { act } = await drafted({ kind: 'drop', ...all });
    await start(act);
    expect(await proceed(act)).toMatchObject({ state: 'done', acted: 2 });
    expect((await api.get(routes.deadLetters)).json.deadLetters).toEqual([]);
  });

  test('a step is paused and goes on; both are written down', async () => {
    expect((await api.send('PUT', routes.pause('ocr'), { reason: 'the service moves' })).status).toBe(204);
    const paused = async () => (await api.app.pauses.list()).map(({ step, reason }) => ({ step, reason }));
    expect(await paused()).toEqual([{ step: 'ocr', reason: 'the service moves' }]);
    expect((await api.ask('DELETE', routes.pause('ocr'))).status).toBe(204);
    expect(await paused()).toEqual([]);
    expect([(await entries('step.paused')).length, (await entries('step.resumed')).length]).toEqual([1, 1]);
    expect((await api.send('PUT', routes.pause('nosuch'), {})).status).toBe(404);
  });

  test.for([
    [{ kind: 'rerun' }, 400],
    [{ kind: 'rerun', images: ['x'], filter: {} }, 400],
    [{ kind: 'erase', images: ['x'], step: 'ocr' }, 400],
    [{ kind: 'rerun', images: ['x'], step: 'nosuch' }, 422],
    [{ kind: 'drop', images: ['x'] }, 422],
    [{ kind: 'rerun', filter: { batch: 'nobody' } }, 422],
    [{ kind: 'rerun', filter: { nonsense: 1 } }, 400],
  ] as const)('%j is refused with %i', async ([body, status]) => {
    expect((await draft(body)).status).toBe(status);
  });
});
