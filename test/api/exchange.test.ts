import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { calibrate } from '../../src/people/calibration/calibrate.ts';
import { archive } from '../people/calibration/simulation.ts';
import { document, noteText, personText } from '../people/pfif/records.ts';
import { structureFaults } from '../people/pfif/structure.ts';
import { form, type OpenApi, openApi, photograph } from '../support/api.ts';

/** Calibration and PFIF over HTTP, over one world: each test goes on where the one before stopped. */
let api: OpenApi;
beforeAll(async () => {
  api = await openApi();
  const box = (left: number) => ({ left, top: 60, width: 120, height: 120 });
  const shows = (...people: number[]) => ({
    faces: people.map((person, at) => ({ person, box: box(40 + at * 200) })),
  });
  const files = await Promise.all(
    [shows(1), shows(1), shows(2), shows(2, 1)].map(async (scene, at) => ({
      name: `${at}.jpg`,
      bytes: await photograph(scene, at),
    })),
  );
  await api.upload(`${routes.uploads}?batch=camp`, files);
  await api.drain();
});
afterAll(() => api?.stop());

const as = (...roles: string[]) => asUser('ann@example.org', ...roles);
const asUser = (name: string, ...roles: string[]) => ({
  host: 'app.example.org',
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({
      auth_typ: 'aad',
      claims: [{ typ: 'preferred_username', val: name }, ...roles.map((val) => ({ typ: 'roles', val }))],
    }),
  ).toString('base64'),
});
const onAzure = async <T>(work: () => Promise<T>): Promise<T> => {
  api.runOn({ kind: 'azure', authentication: true });
  try {
    return await work();
  } finally {
    api.runOn({ kind: 'loopback', port: 7071, user: 'local' });
  }
};

test('nothing is known at first: published figures, named as such', async () => {
  const { status, json } = await api.get(routes.calibration);
  expect(status).toBe(200);
  expect(json).toMatchObject({ basis: 'engine', calibration: null, latest: null, drawn: null });
  expect(json.published[0].falseCandidates).toBeCloseTo(json.faces * json.published[0].falseMatchRate, 10);
});

test('pairs are drawn by searching again, given without scores, and decided like all others', async () => {
  const drawn = await api.send('POST', routes.calibrationDraws, { faces: 10, perStratum: 20, seed: 4 });
  expect(drawn.status).toBe(201);
  // Persons 1 and 2 on three and two photographs: 3 + 1 pairs are alike.
  expect(drawn.json).toMatchObject({ faces: 5, searched: 5, pairs: 4, seed: 4 });
  const first = await api.get(`${routes.drawnPairs}?limit=3`);
  expect(first.json.items).toHaveLength(3);
  expect(JSON.stringify(first.json)).not.toContain('confidence');
  const rest = await api.get(`${routes.drawnPairs}?limit=3&after=${first.json.next}`);
  expect(rest.json).toMatchObject({ next: null });
  expect(rest.json.items).toHaveLength(1);
  for (const { a, b } of [...first.json.items, ...rest.json.items]) {
    const { status } = await api.send('PUT', routes.decision(a.face, b.face), { verdict: 'confirmed' });
    expect(status).toBe(200);
  }
  expect((await api.get(routes.drawnPairs)).json.items).toEqual([]);
  expect((await api.get(routes.calibration)).json.drawn).toMatchObject({ searched: 5, undecided: false });
});

test('a pair below the threshold is mixed into review, once, and said to be one', async () => {
  const { ledger } = await api.app.calibration();
  const places = await (await api.app.results()).query(
    'SELECT face_key, image_id FROM face ORDER BY face_key',
  );
  const [one, other] = places.filter(
    ({ image_id }, at) => places.findIndex((p) => p.image_id === image_id) === at,
  );
  const pair = { faces: [one?.face_key, other?.face_key], images: [one?.image_id, other?.image_id] } as never;
  // Undecided, whoever they are of.
  const [a, b] = [one?.face_key, other?.face_key] as [string, string];
  await api.send('PUT', routes.decision(a, b), { verdict: 'undecided' });
  await ledger.keepDraw(
    {
      id: 'd',
      by: 'ann',
      model: 'recognition_04',
      threshold: 0.5,
      faces: 5,
      searched: 5,
      seed: 1,
      strata: [],
    },
    [{ ...(pair as object), score: 0.31, position: 5 } as never],
  );
  const { json } = await api.get(`${routes.review}?limit=20`);
  const drawn = json.items.filter((item: { calibration?: boolean }) => item.calibration);
  const shown = json.items.filter(
    (item: { a: { face: string }; b: { face: string } }) => item.a.face === a && item.b.face === b,
  );
  expect(shown).toHaveLength(1);
  expect(drawn.length).toBeLessThanOrEqual(1);
  expect(
    (await api.get(`${routes.review}?limit=20&minConfidence=0.9`)).json.items.some(
      (item: { calibration?: boolean }) => item.calibration,
    ),
  ).toBe(false);
});

test('a calibration is made, kept and listed; too few decisions are said to be too few', async () => {
  const made = await api.send('POST', routes.calibration, { seed: 9 });
  expect(made.status).toBe(201);
  expect(made.json).toMatchObject({ seed: 9, enough: false, by: 'local' });
  expect(made.json.rates.every((rate: { falseMatchRate: unknown }) => rate.falseMatchRate === null)).toBe(
    true,
  );
  await api.send('POST', routes.calibration, { seed: 10 });
  const first = await api.get(`${routes.calibrations}?limit=1`);
  expect(first.json.items[0].seed).toBe(10);
  const second = await api.get(`${routes.calibrations}?limit=1&after=${first.json.next}`);
  expect(second.json.items[0].seed).toBe(9);
  const state = await api.get(routes.calibration);
  expect(state.json).toMatchObject({ basis: 'engine', calibration: null, latest: { seed: 10 } });
  expect((await api.send('POST', routes.calibration, { seed: -1 })).status).toBe(400);
});

test('once there is enough, every match says its chance in an archive of this size', async () => {
  const { ledger } = await api.app.calibration();
  const result = calibrate({ ...archive(3), seed: 3 });
  expect(result.enough).toBe(true);
  await ledger.keep('kept', { by: 'ann', model: 'recognition_04', seed: 3, result });
  const { json } = await api.get(routes.calibration);
  expect(json).toMatchObject({ basis: 'archive', calibration: { id: 'kept' } });
  const [{ face }] = (await (await api.app.results()).query('SELECT face_a AS face FROM face_match')) as [
    { face: string },
  ];
  const seen = (await api.get(routes.faceMatches(face))).json.matches[0].worth;
  expect(seen.archive.chance.share).toBeGreaterThan(0.5);
  expect(seen.archive.chance.low).toBeLessThanOrEqual(seen.archive.chance.share);
});

const query = 'purpose=tracing&legalBasis=law';
const file = (xml: string) => [{ name: 'missing.xml', bytes: Buffer.from(xml) }];

test('PFIF goes in and comes out, page by page, and what is wrong is said', async () => {
  const xml = document(
    Array.from({ length: 5 }, (_, n) => personText(`a.org/${n}`, noteText(`a.org/n${n}`))).join('') +
      personText('no id'),
  );
  const taken = await api.upload(`${routes.pfif}?${query}`, file(xml));
  expect(taken.json).toMatchObject({
    persons: { made: 5 },
    notes: { made: 5 },
    refused: { count: 1 },
    ended: null,
  });
  let [after, pages, all] = ['', 0, ''];
  do {
    const { json } = await api.get(`${routes.pfif}?domain=us.example&limit=2${after}`);
    expect(structureFaults(json.document)).toEqual([]);
    all += json.document;
    pages += 1;
    after = json.next === null ? '' : `&after=${json.next}`;
  } while (after !== '');
  expect(pages).toBe(3);
  expect(all.match(/<pfif:person>/g)).toHaveLength(5);
  expect((await api.upload(`${routes.pfif}?${query}`, file('name;age'))).json.ended.code).toBe('NotPfif');
  expect((await api.upload(routes.pfif, file(xml))).status).toBe(400);
  expect((await api.get(`${routes.pfif}?domain=no%20domain`)).status).toBe(400);
});

test('who may: caseworkers, no keys; more is for administrators, and the dead for a role of its own', async () => {
  const dead = document(
    personText('b.org/1', noteText('b.org/n', '<pfif:status>believed_dead</pfif:status>')),
  );
  await onAzure(async () => {
    const get = (more: string, ...roles: string[]) =>
      api.get(`${routes.pfif}?domain=us.example${more}`, as(...roles));
    expect((await get('', 'viewer')).status).toBe(403);
    expect((await get('', 'caseworker')).status).toBe(200);
    for (const more of ['&photographs=true', '&minors=true', '&closed=true']) {
      expect((await get(more, 'operator')).json).toMatchObject({ status: 403, code: 'RoleRequired' });
      expect((await get(more, 'administrator')).status).toBe(200);
    }
    expect((await get('&deaths=true', 'administrator')).json).toMatchObject({
      status: 403,
      code: 'DeathsRoleRequired',
    });
    expect((await get('&deaths=true', 'caseworker', 'deaths')).status).toBe(200);
    expect((await get('', 'deaths')).json).toMatchObject({ status: 403, code: 'NoRole' });
    const { body, headers = {} } = form(file(dead));
    const put = (more: string, ...roles: string[]) =>
      api.ask('POST', `${routes.pfif}?${query}${more}`, {
        headers: { ...headers, ...as(...roles) },
        ...(body !== undefined && { body }),
      });
    expect((await put('&deaths=true', 'administrator')).json.code).toBe('DeathsRoleRequired');
    expect((await put('', 'caseworker')).json.notes).toMatchObject({ made: 0, deathNotAllowed: 1 });
    expect((await put('&deaths=true', 'caseworker', 'deaths')).json.notes.made).toBe(1);
    expect((await api.get(routes.calibration, as('viewer'))).status).toBe(200);
  });
});

test('reviewers are measured where they agree: a word about a known pair is an answer, and no decision', async () => {
  const put = (path: string, body: object, name: string, role: string) =>
    api.ask('PUT', path, {
      headers: { ...asUser(name, role), 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const get = (path: string, name: string, role: string) => api.get(path, asUser(name, role));
  const faces = (await (
    await api.app.results()
  ).query('SELECT face_a, face_b FROM face_match ORDER BY face_a, face_b')) as {
    face_a: string;
    face_b: string;
  }[];
  await onAzure(async () => {
    for (const { face_a, face_b } of faces)
      await put(routes.decision(face_a, face_b), { verdict: 'undecided' }, 'ann', 'caseworker');
    // Of one pair two say that it is one person; as copies of one picture it would tell nothing.
    const items = (await get(`${routes.review}?limit=20`, 'ann', 'caseworker')).json.items as {
      a: { face: string };
      b: { face: string };
      copies: boolean;
      confidence: number | null;
    }[];
    const chosen = items.find(({ copies }) => !copies);
    const [a, b] = [chosen?.a.face ?? '', chosen?.b.face ?? ''];
    for (const name of ['ann', 'ben'])
      expect((await put(routes.decision(a, b), { verdict: 'confirmed' }, name, 'caseworker')).status).toBe(
        200,
      );

    for (const oneIn of [1, 3, 101, 4.5])
      expect((await put(routes.reviewers, { oneIn }, 'root', 'administrator')).status).toBe(400);
    const set = await put(routes.reviewers, { oneIn: 4 }, 'root', 'administrator');
    expect(set.json).toMatchObject({ oneIn: 4, agreedAt: null, own: null, group: { reviewers: 0 } });
    expect(set.json.group.known).toEqual({ same: 1, different: 0 });
    const shownTo = async (name: string) =>
      (await get(`${routes.review}?limit=20`, name, 'caseworker')).json.items.filter(
        (item: (typeof items)[number]) => item.a.face === a && item.b.face === b,
      );
    expect(await shownTo('cora')).toEqual([]);
    const agreed = await put(routes.reviewersMe, { agree: true }, 'cora', 'caseworker');
    expect(agreed.json).toMatchObject({ own: { answers: 0, falseSame: null }, group: null });
    // There are three real pairs: one in four is known.
    const [planted] = await shownTo('cora');
    expect(planted).toMatchObject({ confidence: null, margin: null, worth: null, calibration: true });
    expect(await shownTo('dan')).toEqual([]);

    const stored = async () =>
      (await get(routes.faceMatches(a), 'ann', 'viewer')).json.matches.find(
        ({ other }: { other: { face: string } }) => other.face === b,
      )?.decision;
    const before = await stored();
    expect(before).toMatchObject({ verdict: 'confirmed', by: 'ben' });
    const log = async () => (await get(`${routes.decisions}?limit=100`, 'ann', 'viewer')).json;
    const decisions = await log();
    const said = await put(routes.decision(b, a), { verdict: 'notSame' }, 'cora', 'caseworker');
    expect(said).toMatchObject({ status: 200, json: { verdict: 'notSame', by: 'cora' } });
    expect(await stored()).toEqual(before);
    expect(await log()).toEqual(decisions);
    expect(await shownTo('cora')).toEqual([]);
    expect((await get(routes.reviewers, 'cora', 'viewer')).json.own).toMatchObject({ answers: 1 });
    expect((await get(routes.reviewers, 'dan', 'operator')).json).toMatchObject({ own: null, group: null });
    const all = (await get(routes.reviewers, 'root', 'administrator')).json;
    expect(all.group).toMatchObject({ reviewers: 1, answers: 0, falseSame: null, falseDifferent: null });

    // What is said of it elsewhere is meant.
    const meant = { verdict: 'notSame', outsideReview: true };
    await put(routes.decision(a, b), meant, 'cora', 'caseworker');
    expect((await log()).decisions[0]).toMatchObject({ kind: 'different', by: 'cora' });
    await put(routes.decision(a, b), { verdict: 'confirmed', outsideReview: true }, 'cora', 'caseworker');

    const left = await put(routes.reviewersMe, { agree: false }, 'cora', 'caseworker');
    expect(left.json).toMatchObject({ agreedAt: null, own: null });
    await put(routes.reviewers, { oneIn: 0 }, 'root', 'administrator');
  });
  const { entries } = (await api.get(`${routes.audit}?limit=50`)).json as { entries: { action: string }[] };
  const actions = entries.map(({ action }) => action).filter((action) => action.startsWith('reviewer'));
  expect(actions.toReversed()).toEqual([
    'reviewers.rate.set',
    'reviewer.agreed',
    'reviewer.withdrew',
    'reviewers.rate.set',
  ]);
});

test('models side by side: started, enrolled in the background, compared, finished; a key may not', async () => {
  const images = async () => {
    const { json } = await api.get(`${routes.images}?limit=50`);
    return (json.images as { id: string }[]).map(({ id }) => id).sort();
  };
  const pairs = async () =>
    (await api.app.results()).query(
      'SELECT face_a, face_b, model FROM face_match ORDER BY face_a, face_b',
    ) as Promise<{ face_a: string; face_b: string; model: string }[]>;
  const before = await pairs();
  expect(before.length).toBeGreaterThan(2);
  expect((await api.get(routes.models)).json).toMatchObject({
    ...{ active: 'recognition_04', next: null, phase: 'steady', left: 0, comparison: null },
    offered: [{ id: 'recognition_04' }, { id: 'imaginem_02' }],
  });
  const unknown = await api.send('POST', routes.modelSwitch, { model: 'recognition_03' });
  expect(unknown).toMatchObject({ status: 422, json: { code: 'ModelUnknown' } });
  await onAzure(async () => {
    const asked = { headers: { ...as('imaginem.operator'), 'content-type': 'application/json' } };
    const body = JSON.stringify({ model: 'imaginem_02' });
    expect((await api.ask('POST', routes.modelSwitch, { ...asked, body })).status).toBe(403);
  });
  const started = await api.send('POST', routes.modelSwitch, { model: 'imaginem_02' });
  expect(started).toMatchObject({
    status: 201,
    json: { next: 'imaginem_02', phase: 'enrolling', images: 4, left: 4 },
  });
  const early = await api.send('PUT', routes.modelSwitch, { act: 'finish' });
  expect(early).toMatchObject({ status: 422, json: { code: 'ModelSwitchUnfinished' } });
  const parts = await api.app.models();
  const { signal, log } = api.invocation;
  expect(await parts.proceed(log, signal, () => false, 0)).toEqual({ images: 4, through: true });
  const both = (await api.get(routes.models)).json;
  expect(both).toMatchObject({ active: 'recognition_04', left: 0 });
  expect(both.comparison.offered).toEqual({ active: before.length, next: before.length });
  expect(await pairs()).toEqual(before);
  const finished = await api.send('PUT', routes.modelSwitch, { act: 'finish' });
  expect(finished.json).toMatchObject({ active: 'imaginem_02', former: 'recognition_04', phase: 'retiring' });
  expect(await pairs()).toEqual(before.map((pair) => ({ ...pair, model: 'imaginem_02' })));
  await parts.proceed(log, signal, () => false, 0);
  expect((await api.get(routes.models)).json).toMatchObject({ phase: 'steady', former: null });
  // The faces of the former model have gone, those of the one in use are found by a search.
  const found = await api.ask(
    'POST',
    routes.faceSearch,
    form([
      {
        name: 'p.jpg',
        bytes: await photograph(
          { faces: [{ person: 1, box: { left: 40, top: 60, width: 120, height: 120 } }] },
          9,
        ),
      },
    ]),
  );
  expect(found.json.faces[0].matches.length).toBeGreaterThan(0);
  // What arrives from here on is enrolled and compared with it.
  const [one] = await images();
  const { json } = await api.get(routes.image(one ?? ''));
  const id = json.id as string;
  expect((await api.send('POST', routes.imageRerun(id), { steps: ['faceprint'] })).status).toBeLessThan(300);
  await api.drain();
  const outputs = (await (await api.app.results()).get(id))?.jobOutput as Record<string, { model?: string }>;
  expect(outputs.facematch?.model).toBe('imaginem_02');
  expect((await pairs()).every(({ model }) => model === 'imaginem_02')).toBe(true);
  const trail = await api.get(`${routes.audit}?limit=50`);
  expect(JSON.stringify(trail.json)).toMatch(/model\.switch\.finished/);
});
