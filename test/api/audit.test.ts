import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pathId, routes } from '../../src/api/routes.ts';
import { subject } from '../../src/audit/subject.ts';
import type { AuditTrail } from '../../src/audit/trail.ts';
import { form, type OpenApi, openApi, photograph } from '../support/api.ts';

let api: OpenApi;
let one: string;
let two: string;

const face = { person: 1, box: { left: 40, top: 60, width: 180, height: 180 } };

beforeAll(async () => {
  api = await openApi();
  const { json } = await api.upload(`${routes.uploads}?batch=${encodeURIComponent('The Lopez family')}`, [
    { name: 'maria.jpg', bytes: await photograph({ faces: [face] }, 1) },
    { name: 'jose.jpg', bytes: await photograph({ faces: [face] }, 2) },
  ]);
  [one, two] = json.files.map((file: { id: string }) => file.id);
  await api.drain();
});
afterAll(() => api?.stop());

interface Entry {
  who: string;
  action: string;
  about: string[];
  detail: Record<string, unknown>;
}
const entries = async (query = ''): Promise<Entry[]> =>
  (await api.get(`${routes.audit}${query}`)).json.entries;
const latest = async () => (await entries('?limit=1'))[0];
const search = async () =>
  api.ask(
    'POST',
    routes.faceSearch,
    form([{ name: 'x.jpg', bytes: await photograph({ faces: [face] }, 3) }]),
  );

describe('what the page does stands in the audit trail', () => {
  test('a search by a face, with the faces that were shown', async () => {
    const { json } = await search();
    const shown = json.faces[0].matches.map(({ other }: { other: { face: string } }) => other.face);
    expect(shown).toHaveLength(2);
    const entry = await latest();
    expect(entry).toMatchObject({ who: 'local', action: 'face.searched', detail: { faces: 1, matches: 2 } });
    expect(entry?.about.sort()).toEqual(shown.map((key: string) => subject.face(key)).sort());
  });

  test('looking up a face, deciding, downloading an original, running again', async () => {
    const match = (await api.get(routes.image(one))).json.result.matches[0];
    await api.get(routes.faceMatches(match.face));
    expect(await latest()).toMatchObject({
      action: 'face.matches.read',
      about: [subject.face(match.face)],
      detail: { matches: 1 },
    });
    await api.send('PUT', routes.decision(match.face, match.other.face), { verdict: 'confirmed' });
    expect(await latest()).toMatchObject({ action: 'match.decided', detail: { verdict: 'confirmed' } });
    await api.get(routes.imageOriginal(two));
    expect(await latest()).toMatchObject({ action: 'original.downloaded', about: [`image:${two}`] });
    await api.send('POST', routes.imageRerun(one), { steps: ['ocr'] });
    expect(await latest()).toMatchObject({ action: 'image.rerun', detail: { step: 'ocr', which: 'all' } });
    await api.drain();
  });

  test('replaying and dropping a dead letter', async () => {
    const message = JSON.stringify({
      job_definition: {
        id: 'by-hand',
        batch_id: 'The Lopez family',
        input: { image_url: 'The Lopez family/maria.jpg' },
        processing_pipeline: ['ocr', 'pipelineoutput'],
        processing_step: 0,
      },
    });
    const error = { code: 'ContractError', message: 'why' };
    const letter = {
      queue: 'ocr',
      ...{ error, message, jobId: 'by-hand', batchId: 'The Lopez family' },
    };
    const key = await api.app.deadLetters.record(letter);
    expect((await api.ask('DELETE', routes.deadLetter('ocr', key))).status).toBe(204);
    expect(await latest()).toMatchObject({
      action: 'deadletter.dropped',
      about: [`deadletter:${key}`, subject.image('by-hand'), subject.batch('The Lopez family')],
    });
  });

  test('nothing in it names anybody, and it is whole', async () => {
    const all = await entries('?limit=1000');
    expect(all.length).toBeGreaterThan(5);
    expect(JSON.stringify(all)).not.toMatch(/lopez|maria|jose|by-hand/i);
    expect((await api.get(routes.auditVerification)).json).toMatchObject({
      entries: all.length,
      problems: [],
    });
  });

  test('it is read by image, batch and action, page by page', async () => {
    expect((await entries(`?image=${two}`)).map(({ action }) => action)).toEqual(['original.downloaded']);
    expect((await entries('?batch=The%20Lopez%20family')).map(({ action }) => action)).toEqual([
      'deadletter.dropped',
    ]);
    expect((await entries('?action=face.searched')).length).toBe(1);
    const first = (await api.get(`${routes.audit}?limit=2`)).json;
    const rest = (await api.get(`${routes.audit}?limit=1000&after=${first.next}`)).json;
    expect([...first.entries, ...rest.entries]).toEqual(await entries('?limit=1000'));
    expect(rest.next).toBeNull();
    expect((await api.get(`${routes.audit}?image=a&batch=b`)).status).toBe(400);
  });
});

test('what the trail cannot hold is neither done nor shown', async () => {
  const broken: Pick<AuditTrail, 'record'> = {
    record: () => Promise.reject(new Error('the database is full')),
  };
  const { audit } = api.app;
  Object.assign(api.app, { audit: broken });
  try {
    expect((await search()).json).toMatchObject({ status: 500 });
    expect((await api.get(routes.imageOriginal(one))).status).toBe(500);
    const run = (await api.get(routes.image(one))).json.result.run;
    expect((await api.send('POST', routes.imageRerun(one), {})).status).toBe(500);
    await api.drain();
    expect((await api.get(routes.image(one))).json.result.run).toBe(run);
    const key = await api.app.deadLetters.record({
      queue: 'ocr',
      error: { code: 'ContractError', message: 'why' },
      message: '{}',
    });
    expect((await api.ask('DELETE', routes.deadLetter('ocr', pathId(key)))).status).toBe(500);
    expect(await api.app.deadLetters.get({ queue: 'ocr', id: key })).toBeDefined();
  } finally {
    Object.assign(api.app, { audit });
  }
});

test('only administrators read it', async () => {
  const claims = [
    { typ: 'roles', val: 'operator' },
    { typ: 'preferred_username', val: 'op@example.org' },
  ];
  const principal = Buffer.from(JSON.stringify({ auth_typ: 'aad', claims })).toString('base64');
  const own = { 'x-ms-client-principal': principal };
  api.runOn({ kind: 'azure', authentication: true });
  try {
    expect((await api.get(routes.audit, own)).json).toMatchObject({ status: 403, code: 'RoleRequired' });
    expect((await api.get(routes.auditVerification, own)).status).toBe(403);
    await api.get(routes.imageOriginal(two), own);
  } finally {
    api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
  }
  expect(await latest()).toMatchObject({ who: 'op@example.org', action: 'original.downloaded' });
});
