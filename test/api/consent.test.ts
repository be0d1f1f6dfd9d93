import { describe, expect, test } from 'vitest';
import { applyConsent, applyPending } from '../../src/admin/apply-consent.ts';
import { routes } from '../../src/api/routes.ts';
import { subject } from '../../src/audit/subject.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { eraseExpired } from '../../src/erasure/expired.ts';
import { messageSchema } from '../../src/pipeline/message/message.ts';
import { form, openApi, photograph } from '../support/api.ts';
import { stage } from '../support/scene.ts';

const api = await stage(openApi());

const face = { person: 1, box: { left: 40, top: 60, width: 180, height: 180 } };
let seed = 0;
async function upload(batch: string, person = 1): Promise<string> {
  seed += 1;
  const bytes = await photograph({ faces: [{ ...face, person }] }, seed);
  const { json } = await api.upload(`${routes.uploads}?batch=${batch}`, [{ name: `${seed}.jpg`, bytes }]);
  return json.files[0].id;
}
const set = (batch: string, change: object) => api.send('PUT', routes.batch(batch), change);
// biome-ignore lint/suspicious/noExplicitAny: checked against the contract by `api`
const result = async (id: string): Promise<any> => (await api.get(routes.image(id))).json.result;
const stateOf = async (id: string, step: string) =>
  (await result(id)).steps.find((one: { step: string }) => one.step === step);
const searched = async (person = 1): Promise<string[]> => {
  const bytes = await photograph({ faces: [{ ...face, person }] }, 900 + person);
  const { json } = await api.ask('POST', routes.faceSearch, form([{ name: 'x.jpg', bytes }]));
  return json.faces[0].matches.map(({ other }: { other: { imageId: string } }) => other.imageId);
};
const enrolled = async (id: string) => {
  const { tables } = await import('../../src/storage/names.ts');
  const rows = [];
  for await (const row of api.app.storage.tables.table(tables.faceIndex).list({})) {
    if (row.columns.jobId === id) rows.push(row);
  }
  return rows.length;
};

describe('what is said of a batch', () => {
  test('goes with its images: into the job, the message and the row, and images are found by it', async () => {
    expect(
      (await set('tracing', { purpose: 'tracing', legalBasis: 'consent', expires: '2030-01-31' })).json,
    ).toMatchObject({
      purpose: 'tracing',
      legalBasis: 'consent',
      expires: '2030-01-31T00:00:00.000Z',
      doNotMatch: false,
      changedBy: 'local',
      pending: false,
    });
    expect((await api.get(routes.batch('tracing'))).json.settings).toMatchObject({ purpose: 'tracing' });
    const id = await upload('tracing', 50);
    await api.app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
    await api.drain();
    const consent = {
      purpose: 'tracing',
      legalBasis: 'consent',
      expires: '2030-01-31T00:00:00.000Z',
      doNotMatch: false,
    };
    expect((await api.app.journal.read('tracing', id))?.job.consent).toEqual(consent);
    expect((await result(id)).consent).toEqual(consent);
    const ids = async (query: string) =>
      (await api.get(`${routes.images}?${query}`)).json.images.map((one: { id: string }) => one.id);
    expect(await ids('purpose=tracing')).toEqual([id]);
    expect(await ids('purpose=tracing&batch=tracing&doNotMatch=false')).toEqual([id]);
    expect(await ids('purpose=tracing&doNotMatch=true')).toEqual([]);
    expect(await ids('purpose=other')).toEqual([]);
  });

  test('changes with what is said next, of images that are there as well; null takes it back', async () => {
    const id = await upload('changing', 51);
    await api.drain();
    expect((await result(id)).consent).toBeNull();
    await set('changing', { purpose: 'research', expires: '2031-01-01T12:00:00Z' });
    await set('changing', { purpose: 'tracing', expires: null });
    const consent = { purpose: 'tracing', legalBasis: null, expires: null, doNotMatch: false };
    expect((await result(id)).consent).toEqual(consent);
    expect((await api.app.journal.read('changing', id))?.job.consent).toEqual({
      purpose: 'tracing',
      doNotMatch: false,
    });
    const [entry] = (await api.get(`${routes.audit}?batch=changing&limit=1`)).json.entries;
    expect(entry).toMatchObject({
      action: 'batch.changed',
      about: [subject.batch('changing')],
      detail: { changed: ['purpose', 'expires'] },
    });
  });

  test('what makes no sense is refused', async () => {
    for (const wrong of [
      {},
      { purpose: 'x'.repeat(201) },
      { expires: 'soon' },
      { doNotMatch: 'yes' },
      { other: 1 },
    ]) {
      expect((await set('wrong', wrong)).status, JSON.stringify(wrong)).toBe(400);
    }
    expect((await api.get(routes.batch('wrong'))).status).toBe(404);
    const message = {
      job_definition: { id: 'x', input: { image_url: 'u' }, consent: { do_not_match: 'yes' } },
    };
    expect(messageSchema.safeParse(message).success).toBe(false);
  });
});

test('once a batch has expired its images are erased with a receipt, and others stay', async () => {
  await set('ends', { expires: '2030-01-01' });
  const [over, stays] = [await upload('ends', 60), await upload('goes-on', 60)];
  await api.drain();
  const eraser = await api.app.eraser(silentLog);
  const { signal } = new AbortController();
  const at = (time: string) => eraseExpired(api.app, eraser, Date.parse(time), signal);
  expect(await at('2029-12-31T23:59:59Z')).toEqual([]);
  expect((await api.get(routes.image(over))).status).toBe(200);
  expect(await at('2030-01-01T00:00:01Z')).toHaveLength(1);
  expect((await api.get(routes.image(over))).status).toBe(404);
  expect((await result(stays)).matches).toEqual([]);
  expect(await at('2030-01-02T00:00:00Z')).toEqual([]);
});

describe('a photograph that may not be matched', () => {
  test('is never enrolled nor offered, and finds nobody', async () => {
    await set('private', { doNotMatch: true });
    const other = await upload('open', 2);
    const own = await upload('private', 2);
    await api.drain();
    for (const step of ['faceprint', 'facematch']) {
      expect(await stateOf(own, step)).toMatchObject({ state: 'unavailable', error: { code: 'DoNotMatch' } });
    }
    expect(await result(own)).toMatchObject({ status: 'done', matches: [], consent: { doNotMatch: true } });
    expect((await result(own)).faces).toMatchObject([{ enrolled: false }]);
    expect((await result(other)).matches).toEqual([]);
    expect(await enrolled(own)).toBe(0);
    expect(await searched(2)).toEqual([other]);
  });

  test('said later, its faces leave the lists and its matches the results of others', async () => {
    const two = await upload('later', 3);
    await api.drain();
    const one = await upload('camp', 3);
    await api.drain();
    expect((await result(one)).matches).toHaveLength(1);
    expect(JSON.stringify((await result(one)).output)).toContain(two);
    expect((await searched(3)).sort()).toEqual([one, two].sort());
    await set('later', { doNotMatch: true });
    expect(await enrolled(two)).toBe(0);
    expect(await searched(3)).toEqual([one]);
    for (const id of [one, two]) expect((await result(id)).matches).toEqual([]);
    expect(JSON.stringify((await result(one)).output)).not.toContain(two);
    expect(JSON.stringify((await result(two)).output)).not.toContain(one);
    expect((await result(two)).faces).toMatchObject([{ enrolled: false }]);
    const { items } = (await api.get(routes.review)).json;
    expect(JSON.stringify(items)).not.toContain(two);

    // A rerun of the other, from what its journal still says, must not bring the match back.
    await api.send('POST', routes.imageRerun(one), { steps: ['pipelineoutput'] });
    await api.send('POST', routes.imageRerun(one), { steps: ['ocr'] });
    await api.drain();
    expect((await result(one)).matches).toEqual([]);
    expect(JSON.stringify((await result(one)).output)).not.toContain(two);
  });

  test('taken back, they are matched again once faceprint is run again', async () => {
    const [one, two] = [await upload('back', 4), await upload('again', 4)];
    await api.drain();
    await set('again', { doNotMatch: true });
    await set('again', { doNotMatch: false });
    await api.send('POST', routes.imageRerun(two), { steps: ['faceprint'] });
    await api.drain();
    expect((await result(two)).matches).toMatchObject([{ other: { imageId: one } }]);
    expect((await result(one)).matches).toHaveLength(1);
  });

  test('said in the message of the job alone, it holds as well', async () => {
    await upload('spoken', 5);
    await api.drain();
    const { containers } = await import('../../src/storage/names.ts');
    await api.app.storage.blobs.write(
      containers.input,
      'by-hand/a.jpg',
      await photograph({ faces: [{ ...face, person: 5 }] }, 77),
      'image/jpeg',
    );
    const message = {
      job_definition: {
        id: 'posted',
        batch_id: 'by-hand',
        input: { image_url: api.app.storage.blobs.url(containers.input, 'by-hand/a.jpg') },
        processing_pipeline: api.app.pipeline,
        consent: {
          do_not_match: true,
          purpose: 'tracing',
          expires: '2028-05-01T00:00:00Z',
          unknown_field: 1,
        },
      },
    };
    await api.app.storage.queues.send(api.app.pipeline[0] ?? '', JSON.stringify(message));
    await api.drain();
    expect(await result('posted')).toMatchObject({
      matches: [],
      consent: { doNotMatch: true, purpose: 'tracing' },
    });
    expect(await enrolled('posted')).toBe(0);
    // When it ends, too; while nothing is said of its batch.
    const eraser = await api.app.eraser(silentLog);
    const after = Date.parse('2028-05-02');
    await set('by-hand', { purpose: 'something else' });
    await api.send('POST', routes.imageRerun('posted'), { steps: ['faceprint'] });
    await api.drain();
    expect((await result('posted')).consent).toMatchObject({ doNotMatch: true, purpose: 'something else' });
    expect(await enrolled('posted')).toBe(0);
    expect(await eraseExpired(api.app, eraser, after, new AbortController().signal)).toEqual([]);
  });

  test('a message says when its own image ends', async () => {
    const { containers } = await import('../../src/storage/names.ts');
    const bytes = await photograph({ faces: [{ ...face, person: 8 }] }, 78);
    await api.app.storage.blobs.write(containers.input, 'short-lived/a.jpg', bytes, 'image/jpeg');
    const message = {
      job_definition: {
        id: 'short-lived',
        batch_id: 'short-lived',
        input: { image_url: api.app.storage.blobs.url(containers.input, 'short-lived/a.jpg') },
        processing_pipeline: ['facedetection', 'pipelineoutput'],
        consent: { expires: '2028-05-01T00:00:00Z' },
      },
    };
    await api.app.storage.queues.send('facedetection', JSON.stringify(message));
    await api.drain();
    const eraser = await api.app.eraser(silentLog);
    const { signal } = new AbortController();
    expect(await eraseExpired(api.app, eraser, Date.parse('2028-04-30'), signal)).toEqual([]);
    expect((await result('short-lived')).consent).toMatchObject({ expires: '2028-05-01T00:00:00.000Z' });
    expect(await eraseExpired(api.app, eraser, Date.parse('2028-05-02'), signal)).toHaveLength(1);
    expect((await api.get(routes.image('short-lived'))).status).toBe(404);
  });

  test('a change that was cut short offers nobody meanwhile, and the timer brings it to its end', async () => {
    const [one, two] = [await upload('here', 6), await upload('cut', 6)];
    await api.drain();
    await api.app.batches.change('cut', { doNotMatch: true }, 'somebody');
    // Nothing was taken out yet: what is asked now looks at what was said.
    expect(await enrolled(two)).toBeGreaterThan(0);
    expect(await searched(6)).toEqual([one]);
    const third = await upload('here', 6);
    await api.drain();
    expect(
      (await result(third)).matches.map(({ other }: { other: { imageId: string } }) => other.imageId),
    ).toEqual([one]);
    expect((await api.get(routes.batch('cut'))).json.settings).toMatchObject({ pending: true });
    const setting = await api.app.batches.get('cut');
    if (!setting) throw new Error('no setting');
    expect(await applyConsent(setting, api.app, AbortSignal.abort())).toMatchObject({ complete: false });
    await applyPending(api.app, new AbortController().signal, silentLog);
    expect(await enrolled(two)).toBe(0);
    expect((await api.get(routes.batch('cut'))).json.settings).toMatchObject({ pending: false });
    expect((await result(two)).matches).toEqual([]);
  });

  test('an older change that is still being carried out does not stand above a newer one', async () => {
    const id = await upload('overtaken', 9);
    await api.drain();
    const older = await api.app.batches.change('overtaken', { purpose: 'older' }, 'somebody');
    await set('overtaken', { purpose: 'newer', doNotMatch: true });
    const { signal } = new AbortController();
    expect(await applyConsent(older, api.app, signal)).toMatchObject({ complete: false });
    await applyPending(api.app, signal, silentLog);
    expect((await result(id)).consent).toMatchObject({ purpose: 'newer', doNotMatch: true });
    expect((await api.app.batches.get('overtaken'))?.pending).toBe(false);
  });

  test('said while its row is being written, the row has no match', async () => {
    const [one, two] = [await upload('beside', 7), await upload('racing', 7)];
    const results = await api.app.results();
    const save = results.save.bind(results);
    let said = false;
    results.save = async (row) => {
      const saved = await save(row);
      // Written with its matches a moment ago, and the change finds nothing to do yet: as if it had come just before.
      if (row.id === two && !said) {
        said = true;
        await api.app.batches.change('racing', { doNotMatch: true }, 'somebody');
      }
      return saved;
    };
    try {
      await api.drain();
    } finally {
      results.save = save;
    }
    expect(said).toBe(true);
    for (const id of [one, two]) expect((await result(id)).matches).toEqual([]);
    expect((await result(two)).consent).toMatchObject({ doNotMatch: true });
  });
});
