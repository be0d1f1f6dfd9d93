import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { openApi, photograph } from '../support/api.ts';

let api: Awaited<ReturnType<typeof openApi>>;
/** Faces by photograph: one of Amal in each, and one of Zahra beside her in the last. */
let amal: string[];
let zahra: string;

const box = (left: number) => ({ left, top: 40, width: 160, height: 160 });

beforeAll(async () => {
  api = await openApi();
  const scenes = [
    { faces: [{ person: 1, box: box(40) }] },
    { faces: [{ person: 1, box: box(60) }] },
    {
      faces: [
        { person: 1, box: box(40) },
        { person: 2, box: box(300) },
      ],
    },
  ];
  const ids: string[] = [];
  for (const [n, scene] of scenes.entries()) {
    const bytes = await photograph(scene, n + 1);
    const { json } = await api.upload('/api/uploads?batch=camp', [{ name: `${n}.jpg`, bytes }]);
    await api.drain();
    ids.push(json.files[0].id);
  }
  const details = await Promise.all(ids.map(async (id) => (await api.get(routes.image(id))).json));
  const faces = details.map(({ result }) =>
    [...result.faces].sort((one, two) => one.rectangle.left - two.rectangle.left).map(({ key }) => key),
  );
  amal = faces.map(([first]) => first);
  zahra = faces[2]?.[1] ?? '';
}, 120_000);
afterAll(() => api?.stop());

const send = (method: string, path: string, body: unknown) =>
  api.ask(method, path, { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

describe('people over HTTP', () => {
  test('faces that look alike are a group as soon as they are there, with a way to show them, and why', async () => {
    const { json } = await api.get(`${routes.groups}?batch=camp`);
    expect(json.groups).toHaveLength(1);
    expect(json.groups[0]).toMatchObject({ faces: 3, decided: 0, person: null, contested: false });
    expect(json.groups[0].some.map(({ face }: { face: string }) => face).sort()).toEqual([...amal].sort());
    expect(json.groups[0].some[0]).toMatchObject({ hasCrop: true, batchId: 'camp', decided: false });
    expect(json.threshold).toMatchObject({
      basis: 'published',
      why: expect.stringContaining('In this batch'),
    });
    expect(json.next).toBeNull();
    const alone = await api.get(routes.groupOfFace(zahra));
    expect(alone.json).toMatchObject({ id: zahra, faces: 1 });
    expect((await api.get(routes.group(zahra))).json.members).toMatchObject([
      { face: zahra, decided: false },
    ]);
    expect((await api.get(routes.group('nobody-1'))).json.code).toBe('NotFound');
  });

  test('named once, changed with the version that was read, split, and undone', async () => {
    const person = { id: randomUUID(), fullName: 'Amal', minor: true, faces: [amal[0]] };
    const made = await send('POST', routes.people, person);
    expect((await send('POST', routes.people, person)).json).toEqual(made.json);
    expect([made.status, made.json.createdBy, made.json.version]).toEqual([201, 'local', 1]);
    const id = made.json.id;
    const detail = (await api.get(routes.person(id))).json;
    expect(detail).toMatchObject({
      keptAs: id,
      group: { faces: 3, decided: 1, person: { fullName: 'Amal' } },
    });
    const changed = await send('PUT', routes.person(id), { dateOfBirth: '2015-03', version: 1 });
    expect(changed.json).toMatchObject({ fullName: 'Amal', dateOfBirth: '2015-03', version: 2 });
    expect((await send('PUT', routes.person(id), { fullName: 'X', version: 1 })).json.code).toBe(
      'ChangedMeanwhile',
    );
    expect((await send('PUT', routes.person(id), { dateOfBirth: '2015-13' })).status).toBe(400);

    const refused = await send('PUT', routes.personFace(id, zahra), { verdict: 'same' });
    expect(refused.status).toBe(200);
    // Then two faces of one photograph would be hers.
    const both = await send('PUT', routes.personFace(id, amal[2] ?? ''), { verdict: 'same' });
    expect([both.status, both.json.code]).toEqual([409, 'Contradiction']);
    expect(both.json.errors.map(({ path }: { path: string }) => path)).toContain(zahra);
    expect((await send('POST', routes.decisionUndo(refused.json.id), { reason: 'a mistake' })).status).toBe(
      200,
    );
    expect((await send('PUT', routes.personFace(id, amal[2] ?? ''), { verdict: 'same' })).status).toBe(200);

    const taken = await send('POST', routes.split, { faces: [amal[1]], reason: 'her sister' });
    expect([taken.status, taken.json.decisions.length > 0]).toEqual([200, true]);
    const back = await send('POST', routes.decisionsUndo, { decisions: taken.json.decisions });
    expect([back.status, back.json.decisions.length]).toEqual([200, taken.json.decisions.length]);
    const again = await send('POST', routes.decisionsUndo, { decisions: taken.json.decisions });
    expect([again.status, again.json.code]).toEqual([404, 'NotFound']);
    await send('POST', routes.split, { faces: [amal[1]], reason: 'her sister' });
    const page = (await api.get(routes.group(detail.group.id))).json;
    expect(page.members.map(({ face }: { face: string }) => face).sort()).toEqual([amal[0], amal[2]].sort());
    const log = (await api.get(`${routes.decisions}?person=${id}&limit=2`)).json;
    expect(log.decisions).toHaveLength(2);
    expect(log.next).not.toBeNull();
    const rest = (await api.get(`${routes.decisions}?person=${id}&after=${log.next}`)).json;
    expect([...log.decisions, ...rest.decisions].map(({ kind }) => kind)).toContain('undo');

    expect((await send('PUT', routes.faceTaken(amal[0] ?? ''), { taken: '2024' })).status).toBe(204);
    expect((await api.get(`${routes.people}?prefix=AM`)).json.people).toMatchObject([{ id, minor: true }]);
    const other = (await send('POST', routes.people, { fullName: 'Amál' })).json.id;
    const merged = await send('POST', routes.personMerge(other), { into: id });
    expect(merged.json).toMatchObject({ kind: 'same', persons: [other, id], by: 'local' });
    expect((await api.get(routes.person(other))).json.keptAs).toBe(id);
    const erased = await send('DELETE', routes.person(id), undefined);
    expect(erased).toMatchObject({ status: 200, json: { kind: 'person', images: 1, askedBy: 'local' } });
    const { receipts } = (await api.get(routes.erasures)).json;
    expect(receipts.map((one: { id: string }) => one.id)).toContain(erased.json.id);
    expect((await api.get(routes.person(id))).json.code).toBe('NotFound');
  });

  test('no key decides: whoever comes with one may look, and is told to sign in for more', async () => {
    api.runOn({ kind: 'azure', authentication: false });
    try {
      const headers = { host: 'app.example.org', 'content-type': 'application/json' };
      const keyed = (method: string, path: string, body?: unknown) =>
        api.ask(method, `/machine${path}`, {
          headers,
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
      expect((await keyed('GET', routes.groups)).status).toBe(200);
      for (const answer of [
        await keyed('PUT', routes.decision(amal[0] ?? '', amal[1] ?? ''), { verdict: 'confirmed' }),
        await keyed('POST', routes.people, { fullName: 'Key' }),
        await keyed('POST', routes.split, { faces: [zahra] }),
      ])
        expect([answer.status, answer.json.code]).toEqual([403, 'PersonRequired']);
    } finally {
      api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
    }
  });

  test('who is confirmed for an erasure is who people decided to be one, and nobody the machine joined', async () => {
    await send('PUT', routes.decision(amal[0] ?? '', amal[1] ?? ''), { verdict: 'confirmed' });
    const { json } = await send('POST', routes.erasures, { face: amal[0], dryRun: true });
    expect(json.confirmed).toEqual([amal[1]]);
    const refused = await send('POST', routes.erasures, { face: amal[0], with: [amal[2]], dryRun: true });
    expect(refused.json.code).toBe('NotConfirmed');
  });
});
