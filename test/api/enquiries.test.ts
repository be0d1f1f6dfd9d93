import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { routes } from '../../src/api/routes.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { eraseExpiredEnquiries } from '../../src/erasure/expired.ts';
import { containers } from '../../src/storage/names.ts';
import { type OpenApi, openApi, photograph } from '../support/api.ts';

const { signal } = new AbortController();
const secret = `whsec_${Buffer.alloc(32, 3).toString('base64')}`;
const face = { person: 1, box: { left: 40, top: 60, width: 180, height: 180 } };

let api: OpenApi;
let receiver: Server;
/** Events that came with a good signature. */
let alerts: { id: string; type: string; data: { enquiry: string; candidate: string } }[];

beforeAll(async () => {
  alerts = [];
  receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const headers = request.headers as Record<string, string>;
    alerts.push(new Webhook(secret).verify(Buffer.concat(chunks).toString(), headers) as (typeof alerts)[0]);
    response.end();
  }).listen(0, '127.0.0.1');
  await new Promise((done) => receiver.once('listening', done));
  const { port } = receiver.address() as AddressInfo;
  api = await openApi({ WEBHOOK_URL: `http://127.0.0.1:${port}/`, WEBHOOK_SECRET: secret });
});
afterAll(async () => {
  await api?.stop();
  receiver.closeAllConnections();
  receiver.close();
});

const as = (user: string) => api.runOn({ kind: 'loopback', port: 7071, user });
const signedIn = (name: string, role: string) => ({
  'x-ms-client-principal': Buffer.from(
    JSON.stringify({
      auth_typ: 'aad',
      claims: [
        { typ: 'preferred_username', val: name },
        { typ: 'roles', val: role },
      ],
    }),
  ).toString('base64'),
});

async function arrive(batch: string, people: readonly number[], seed: number): Promise<string> {
  const faces = people.map((person, index) => ({
    person,
    box: { left: 40 + index * 200, top: 60, width: 180, height: 180 },
  }));
  const bytes = await photograph({ faces }, seed);
  const { json } = await api.upload(`${routes.uploads}?batch=${batch}`, [{ name: `${seed}.jpg`, bytes }]);
  await through();
  return json.files[0].id;
}

async function through(): Promise<void> {
  await api.app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
  await api.drain();
  await api.app.telling.settled();
}

const terms = { purpose: 'tracing of relatives', legalBasis: 'public interest', caseReference: 'TR-1' };

async function open(person: number, more: object = {}): Promise<{ id: string; image: string }> {
  const { json, status } = await api.send('POST', routes.enquiries, { ...terms, ...more });
  expect(status).toBe(201);
  const bytes = await photograph({ faces: [{ ...face, person }] }, 1000 + person);
  const added = await api.upload(`${routes.enquiryPhotographs(json.id)}?taken=1998`, [
    { name: 'Name of a child.jpg', bytes },
    { name: 'text.txt', bytes: Buffer.from('text') },
  ]);
  const [photo, refused] = added.json.photographs;
  expect(refused).toMatchObject({ imageId: null, problem: { code: 'NotAnImage' } });
  await through();
  return { id: json.id, image: photo.imageId };
}

const candidatesOf = async (enquiry: string) =>
  (await api.get(`${routes.candidates}?enquiry=${enquiry}`)).json.candidates;

/** Whatever says how sure the machine is that two faces are alike. */
function scoresIn(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => {
    if (['tags', 'categories', 'description', 'objects'].includes(key)) return [];
    if (/^(score|confidence|margin|falseCandidates)$/.test(key) && one !== null) return [key];
    return scoresIn(one);
  });
}

test('the worked example over HTTP: a portrait, the group photograph, two people, an alert each', async () => {
  as('anna');
  const group = await arrive('camp', [1, 2], 1);
  const { id, image } = await open(1);
  const [candidate, ...others] = await candidatesOf(id);
  expect(others).toEqual([]);
  expect(candidate).toMatchObject({ standing: 'open', faces: 1, model: 'recognition_04', margin: null });
  expect(alerts.map(({ type, data }) => [type, data.enquiry, data.candidate])).toEqual([
    ['imaginem.candidate.proposed', id, candidate.id],
  ]);
  const detail = (await api.get(routes.candidate(candidate.id))).json;
  expect(detail.group).toMatchObject([{ imageId: group }]);
  expect(detail.own).toMatchObject([{ imageId: image, taken: '1998' }]);
  expect(detail.evidence).toHaveLength(1);
  const enquiry = (await api.get(routes.enquiry(id))).json;
  expect(enquiry).toMatchObject({
    state: 'candidate',
    candidates: 1,
    secondLook: 0,
    owner: 'anna',
    minor: true,
  });
  // On the enquiry's terms, and kept findable as long as it lasts.
  expect(await api.app.batches.get(enquiry.batchId)).toMatchObject({
    consent: { purpose: terms.purpose, legalBasis: terms.legalBasis, doNotMatch: false },
    keepFaceprints: true,
  });
  expect(enquiry.photographs).toMatchObject([{ imageId: image, faces: [{ enrolled: true, sought: true }] }]);

  const said = await api.send('PUT', routes.candidateWord(candidate.id), { word: 'same', reason: 'the ear' });
  expect(said.json).toMatchObject({ standing: 'pending', words: [{ by: 'anna', word: 'same' }] });

  // Everything that Ben may ask for: neither the word nor the score stands in any of it.
  as('ben');
  const asked = await Promise.all(
    [
      routes.candidates,
      `${routes.candidates}?standing=secondLook`,
      routes.candidate(candidate.id),
      routes.enquiry(id),
      routes.enquiryEvents(id),
      routes.outbox,
      `${routes.audit}?limit=500`,
      routes.review,
      routes.live,
      routes.image(image),
      routes.image(group),
      routes.faceMatches(detail.evidence[0].own),
      routes.faceMatches(detail.evidence[0].other),
      ...('decisions' in routes ? [String(routes.decisions)] : []),
    ].map(async (path) => [path, JSON.stringify((await api.get(path)).json)] as const),
  );
  for (const [path, text] of asked) {
    expect(text, path).not.toMatch(/"same"|the ear/);
    expect(scoresIn(JSON.parse(text)), path).toEqual([]);
  }
  const second = asked.find(([path]) => path === routes.candidate(candidate.id))?.[1] ?? '';
  expect(JSON.parse(second)).toMatchObject({ standing: 'secondLook', blind: true, score: null, words: [] });
  expect((await api.get(routes.enquiry(id))).json.secondLook).toBe(1);

  const found = await api.send('PUT', routes.candidateWord(candidate.id), { word: 'same' });
  expect(found.json).toMatchObject({
    standing: 'found',
    words: [{ by: 'anna' }, { by: 'ben', blind: true }],
  });
  await api.app.telling.settled();
  expect(alerts.map(({ type }) => type)).toEqual(['imaginem.candidate.proposed', 'imaginem.candidate.found']);
  expect(JSON.stringify(alerts)).not.toMatch(/TR-1|anna|ben|tracing|jpg/);
  const outbox = (await api.get(routes.outbox)).json;
  expect(outbox).toMatchObject({ receiver: 'webhook', counts: { delivered: 2, waiting: 0 } });
  expect(
    (await api.send('PUT', routes.enquiryState(id), { state: 'reunited', reason: 'they met' })).json.state,
  ).toBe('reunited');
});

test('a photograph that arrives later finds the enquiry without a call more', async () => {
  as('anna');
  const { id } = await open(5);
  expect(await candidatesOf(id)).toEqual([]);
  await arrive('later', [5], 50);
  expect(await candidatesOf(id)).toMatchObject([{ standing: 'open', faces: 1 }]);
  // The same the other way round.
  await arrive('earlier', [6], 60);
  const other = await open(6);
  const [first] = await candidatesOf(id);
  const [second] = await candidatesOf(other.id);
  expect(second).toMatchObject({ standing: first.standing, faces: first.faces });
});

test('a face that the machine never proposed is put forward by a caseworker, never by a key, and has no score', async () => {
  as('anna');
  const group = await arrive('camp', [21], 210);
  const { id } = await open(22);
  expect(await candidatesOf(id)).toEqual([]);
  const [{ key: face }] = (await api.get(routes.image(group))).json.result.faces;
  const before = alerts.length;
  const asked = { face, reason: 'the scar' };
  const answer = await api.send('POST', routes.enquiryCandidates(id), asked);
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    standing: 'open',
    ...{ score: null, margin: null, model: null, worth: null },
    bestFace: face,
    evidence: [{ other: face, confidence: null }],
    proposals: [{ other: face, by: 'anna', reason: 'the scar' }],
    group: [{ imageId: group }],
  });
  expect((await api.send('POST', routes.enquiryCandidates(id), asked)).json.id).toBe(answer.json.id);
  await api.app.telling.settled();
  expect(alerts.slice(before)).toMatchObject([{ data: { enquiry: id, candidate: answer.json.id } }]);
  expect(await candidatesOf(id)).toHaveLength(1);
  const log = (await api.get(`${routes.decisions}?enquiry=${id}`)).json.decisions;
  expect(log).toMatchObject([{ kind: 'propose', by: 'anna', score: null, model: null }]);
  expect((await api.send('POST', routes.enquiryCandidates(id), { face: 'none-0' })).status).toBe(404);
  expect((await api.send('POST', routes.enquiryCandidates('none'), { face })).status).toBe(404);
  const own = answer.json.ownFace;
  expect((await api.send('POST', routes.enquiryCandidates(id), { face: own })).json.code).toBe(
    'FaceOfEnquiry',
  );

  // Whose turn the second look is, is told to no one else; to whom nothing waits, nothing is counted.
  const waiting = async (user: string) => {
    as(user);
    return (await api.get(routes.live)).json.secondLooks;
  };
  expect([await waiting('anna'), await waiting('ben')]).toEqual([0, 0]);
  as('anna');
  await api.send('PUT', routes.candidateWord(answer.json.id), { word: 'same' });
  expect([await waiting('anna'), await waiting('ben')]).toEqual([0, 1]);
  await api.send('PUT', routes.candidateWord(answer.json.id), { word: 'same' });
  expect([await waiting('anna'), await waiting('ben')]).toEqual([0, 0]);
  as('anna');
  expect((await api.get(routes.candidate(answer.json.id))).json.standing).toBe('found');

  api.runOn({ kind: 'azure', authentication: true });
  const json = { 'content-type': 'application/json' };
  const request = { body: JSON.stringify(asked) };
  const keyed = await api.ask('POST', `/machine${routes.enquiryCandidates(id)}`, {
    headers: json,
    ...request,
  });
  expect(keyed.json.code).toBe('PersonRequired');
  for (const [role, status] of [
    ['viewer', 403],
    ['caseworker', 200],
  ] as const) {
    const headers = { ...json, ...signedIn(role, role) };
    expect((await api.ask('POST', routes.enquiryCandidates(id), { headers, ...request })).status).toBe(
      status,
    );
  }
});

test('a key decides nothing; a viewer sees no photograph of an enquiry, and is told of each that there is none', async () => {
  as('anna');
  const { id, image } = await open(1);
  const [candidate] = await candidatesOf(id);
  const [{ own, other }] = (await api.get(routes.candidate(candidate.id))).json.evidence;
  await (await api.app.people()).decide(own, other, 'same', { by: 'anna', reason: 'the ear' });
  expect(
    (await api.get(routes.group((await api.get(routes.groupOfFace(other))).json.id))).json.members,
  ).toContainEqual(expect.objectContaining({ face: own }));
  api.runOn({ kind: 'azure', authentication: true });
  const json = { 'content-type': 'application/json' };
  const word = { body: JSON.stringify({ word: 'same' }) };
  const keyed = await api.ask('PUT', `/machine${routes.candidateWord(candidate.id)}`, {
    headers: json,
    ...word,
  });
  expect(keyed.json.code).toBe('PersonRequired');
  // Nor that somebody was reunited, or given up, or who of a photograph is sought.
  for (const [path, body] of [
    [routes.enquiryState(id), { state: 'closed', reason: 'x' }],
    [routes.enquiryFace(id, own), { sought: false }],
  ] as const) {
    const asked = { headers: json, body: JSON.stringify(body) };
    expect((await api.ask('PUT', `/machine${path}`, asked)).json.code, path).toBe('PersonRequired');
  }
  for (const [role, status] of [
    ['viewer', 403],
    ['caseworker', 403],
    ['reviewer', 200],
  ] as const) {
    const headers = { ...json, ...signedIn(role, role) };
    expect(
      (await api.ask('PUT', routes.candidateWord(candidate.id), { headers, ...word })).status,
      role,
    ).toBe(status);
  }
  const viewer = signedIn('v', 'viewer');
  const name = (await api.app.journal.read(`_enquiry/${id}`, image))?.job.source.name ?? '';
  expect(name).toMatch(/^_enquiry\//);
  await api.app.deadLetters.record({
    queue: 'ocr',
    message: '{}',
    jobId: image,
    batchId: `_enquiry/${id}`,
    error: { code: 'StepDied', message: 'x' },
  } as never);
  expect((await api.ask('GET', routes.deadLetters, { headers: viewer })).json.deadLetters).toEqual([]);
  expect((await api.ask('GET', routes.enquiries, { headers: viewer })).status).toBe(403);
  for (const path of [
    routes.image(image),
    routes.imageContent(image),
    routes.imageThumbnail(image),
    routes.imageOriginal(image),
    routes.faceCrop(own),
    routes.faceMatches(own),
    routes.batch(`_enquiry/${id}`),
    routes.imageWhy(image),
    routes.imageWhy(name),
    routes.imageWhy(name.slice(name.lastIndexOf('/') + 1)),
    routes.imageWhy(api.app.storage.blobs.url(containers.input, name)),
    // A slip of the pen names it to nobody either.
    routes.imageWhy(`${name}x`),
  ])
    expect((await api.ask('GET', path, { headers: viewer })).status, path).toBe(404);
  const images = (await api.ask('GET', `${routes.images}?limit=100`, { headers: viewer })).json.images;
  expect(images.length).toBeGreaterThan(0);
  expect(JSON.stringify(images)).not.toContain('_enquiry');
  expect(JSON.stringify((await api.ask('GET', routes.batches, { headers: viewer })).json)).not.toContain(
    '_enquiry',
  );
  // What people decided has put the portrait into a group of the archive: it is shown there to nobody else either.
  const group = (await api.ask('GET', routes.groupOfFace(other), { headers: viewer })).json;
  for (const path of [
    routes.groups,
    `${routes.groups}?batch=_enquiry/${id}`,
    routes.group(group.id),
    routes.decisions,
  ]) {
    const text = JSON.stringify((await api.ask('GET', path, { headers: viewer })).json);
    expect(text, path).not.toMatch(/_enquiry\/|the ear/);
  }
  for (const path of [routes.status, routes.stats, routes.images, routes.imageFacets, routes.review]) {
    const of = await api.ask('GET', `${path}?batch=_enquiry/${id}`, { headers: viewer });
    expect(of.json.detail, path).toMatch(/no such batch/i);
  }
  expect(JSON.stringify((await api.ask('GET', routes.status, { headers: viewer })).json)).not.toContain(
    '_enquiry',
  );
  const caseworker = signedIn('c', 'caseworker');
  expect((await api.ask('GET', routes.imageThumbnail(image), { headers: caseworker })).status).toBe(200);
});

test('a face search shows no face of an enquiry, and no upload takes its batch', async () => {
  as('anna');
  const { id } = await open(8);
  const bytes = await photograph({ faces: [{ ...face, person: 8 }] }, 900);
  const found = await api.upload(routes.faceSearch, [{ name: 'x.jpg', bytes }]);
  expect(found.json.faces[0].matches).toEqual([]);
  const refused = await api.upload(`${routes.uploads}?batch=_enquiry/${id}`, [{ name: 'x.jpg', bytes }]);
  expect(refused.json.code).toBe('BatchReserved');
});

test('what is wrong is said: versions, transitions, what there is none of', async () => {
  as('anna');
  const { id } = await open(9);
  const { version } = (await api.get(routes.enquiry(id))).json;
  expect((await api.send('PUT', routes.enquiry(id), { office: 'north', version })).status).toBe(200);
  expect((await api.send('PUT', routes.enquiry(id), { office: 'south', version })).json.code).toBe(
    'ChangedMeanwhile',
  );
  const state = (to: string) => api.send('PUT', routes.enquiryState(id), { state: to, reason: 'x' });
  expect((await state('reunited')).json.code).toBe('EnquiryState');
  const note = { id: randomUUID(), note: 'the office was told' };
  for (let times = 0; times < 2; times += 1)
    expect((await api.send('POST', routes.enquiryNotes(id), note)).status).toBe(200);
  const made = { ...terms, id: randomUUID(), caseReference: 'TR-2' };
  for (let times = 0; times < 2; times += 1)
    expect(await api.send('POST', routes.enquiries, made)).toMatchObject({ status: 201, json: made });
  const other = await api.send('POST', routes.enquiries, { ...made, caseReference: 'TR-3' });
  expect([other.status, other.json.code]).toEqual([422, 'IdTaken']);
  const events = (await api.get(`${routes.enquiryEvents(id)}?limit=2`)).json;
  expect(events.events[0]).toMatchObject({ kind: 'note', who: 'anna', note: 'the office was told' });
  const rest = (await api.get(`${routes.enquiryEvents(id)}?limit=2&after=${events.next}`)).json;
  expect(rest.events.map(({ kind }: { kind: string }) => kind)).toEqual(['photograph', 'opened']);
  for (const path of [routes.enquiry('none'), routes.candidate('none'), routes.enquiryEvents('none')])
    expect((await api.get(path)).status).toBe(404);
  const first = (await api.get(`${routes.enquiries}?limit=2&caseReference=TR-1`)).json;
  const next = (await api.get(`${routes.enquiries}?limit=2&caseReference=TR-1&after=${first.next}`)).json;
  const ids = [...first.enquiries, ...next.enquiries].map((one: { id: string }) => one.id);
  expect(new Set(ids).size).toBe(4);
  // Asked again, the answer is the one that the caller has.
  const { headers } = await api.get(routes.enquiries);
  const again = await api.get(routes.enquiries, { 'if-none-match': headers.etag ?? '' });
  expect(again.status).toBe(304);
});

test('what was withdrawn is compared no more, and nobody is told', async () => {
  as('anna');
  const before = alerts.length;
  const { id } = await open(11);
  // Of one that has changed since it was read nothing is done, its faces stay in the lists.
  const stale = { state: 'withdrawn', reason: 'asked for', version: 99 };
  expect((await api.send('PUT', routes.enquiryState(id), stale)).json.code).toBe('ChangedMeanwhile');
  expect((await api.app.batches.get(`_enquiry/${id}`))?.consent.doNotMatch).not.toBe(true);
  expect(
    (await api.send('PUT', routes.enquiryState(id), { state: 'withdrawn', reason: 'asked for' })).json.state,
  ).toBe('withdrawn');
  await arrive('camp', [11], 110);
  expect(await candidatesOf(id)).toEqual([]);
  expect(alerts.length).toBe(before);
});

test('an enquiry that has expired is erased with everything, and the receipt says so', async () => {
  as('anna');
  await arrive('camp', [12], 120);
  const { id, image } = await open(12, { expires: new Date(Date.now() + 3_600_000).toISOString() });
  const [candidate] = await candidatesOf(id);
  await api.send('PUT', routes.candidateWord(candidate.id), { word: 'different', reason: 'no' });
  const eraser = new Eraser({ app: api.app, log: silentLog, settleMs: 0 });
  expect(await eraseExpiredEnquiries(api.app, eraser, Date.now(), signal)).toEqual([]);
  const [receipt] = await eraseExpiredEnquiries(api.app, eraser, Date.now() + 7_200_000, signal);
  await eraser.resume(signal);
  const final = await eraser.receipt(receipt?.id ?? '');
  expect(final).toMatchObject({ kind: 'enquiry', state: 'final', images: 1 });
  for (const { store, remaining } of final?.stores ?? []) expect(`${store} ${remaining}`).toBe(`${store} 0`);
  const found = (name: string) => final?.stores.find(({ store }) => store === name)?.found ?? 0;
  for (const name of ['sql:enquiry', 'sql:enquiry_event', 'sql:candidate', 'sql:outbox'])
    expect(found(name), name).toBeGreaterThan(0);
  for (const path of [routes.enquiry(id), routes.candidate(candidate.id), routes.image(image)])
    expect((await api.get(path)).status).toBe(404);
  expect(await api.app.batches.get(`_enquiry/${id}`)).toBeUndefined();
  const { database } = await api.app.results();
  for (const table of ['enquiry', 'enquiry_event', 'candidate', 'candidate_word', 'outbox', 'decision']) {
    const [rows] = await database.read([{ parts: [`SELECT * FROM ${table}`], parameters: [] }]);
    expect(JSON.stringify(rows), table).not.toContain(id);
  }
  // Erasing it once more: there is nothing.
  expect((await api.send('POST', routes.erasures, { enquiry: id })).status).toBe(404);
});
