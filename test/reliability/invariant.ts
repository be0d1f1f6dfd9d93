import { QueueServiceClient } from '@azure/storage-queue';
import { isReserved } from '../../src/domain/enquiry-batch.ts';
import { outcomeFor } from '../../src/domain/job.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { OUTPUT_STEP } from '../../src/domain/step-name.ts';
import { readRecognition } from '../../src/results/recognition-state.ts';
import type { StoredImage } from '../../src/results/rows.ts';
import { containers } from '../../src/storage/names.ts';
import { openGalleries } from '../../src/vision/gallery/galleries.ts';
import { openVision } from '../../src/vision/open.ts';
import { type Dropped, until, type World } from './world.ts';

/** What the invariant of the design comes to, counted from outside. */
interface Findings {
  accepted: number;
  rows: number;
  /** Images without a row. */
  lost: string[];
  /** Everything else that is wrong, a sentence each. */
  wrong: string[];
  /** Steps by state, over all rows. */
  steps: Record<string, Record<string, number>>;
}

/** Every row, however many. */
async function allRows({ observer }: World): Promise<StoredImage[]> {
  const results = await observer.results();
  const rows: StoredImage[] = [];
  for (;;) {
    const last = rows.at(-1);
    const page = await results.list({
      limit: 1000,
      ...(last && { after: { finishedAt: last.finishedAt, id: last.id } }),
    });
    rows.push(...page);
    if (page.length < 1000) return rows;
  }
}

/** Messages in each queue that has any, invisible ones included. */
export async function queueDepths(world: World): Promise<Record<string, number>> {
  const service = QueueServiceClient.fromConnectionString(world.emulator.connectionString);
  const depths: Record<string, number> = {};
  const names: string[] = [];
  for await (const { name } of service.listQueues()) names.push(name);
  await Promise.all(
    names.map(async (name) => {
      const { approximateMessagesCount = 0 } = await service.getQueueClient(name).getProperties();
      if (approximateMessagesCount > 0) depths[name] = approximateMessagesCount;
    }),
  );
  return depths;
}

/** Waits until each of these images has its row and every queue is empty, or else something of interest has happened. */
export async function settled(
  world: World,
  images: readonly Dropped[],
  { limitMs, orElse = () => false }: { limitMs?: number; orElse?: () => boolean } = {},
): Promise<void> {
  const results = await world.observer.results();
  const missing = new Set(images.map(({ jobId }) => jobId));
  await until(
    'Every image has its row and all queues are empty',
    async () => {
      if (orElse()) return true;
      for (const id of missing) {
        if (!(await results.get(id))) return false;
        missing.delete(id);
      }
      return Object.keys(await queueDepths(world)).length === 0;
    },
    {
      ...(limitMs !== undefined && { limitMs }),
      state: async () =>
        `Without a row: ${missing.size} of ${images.length}. Queues: ${JSON.stringify(await queueDepths(world))}. The hosts said:\n${world.output()}`,
    },
  );
}

/** How a step of a row may end in a suite; everything else is wrong. */
type Allowed = (step: string, state: string, code: string | undefined) => boolean;

const allDone: Allowed = (_, state) => state === 'done';

/**
 * Checks rows, steps, journal, faces and matches of these images. Persons of one suite appear in no other, so that
 * every match there is must be among them.
 */
export async function examine(
  world: World,
  images: readonly Dropped[],
  allowed: Allowed = allDone,
): Promise<Findings> {
  const results = await world.observer.results();
  const findings: Findings = { accepted: images.length, rows: 0, lost: [], wrong: [], steps: {} };
  const { wrong } = findings;
  const rows = new Map<string, StoredImage>();
  for (const { jobId, name } of images) {
    const row = await results.get(jobId);
    if (row) rows.set(jobId, row);
    else findings.lost.push(name);
  }
  findings.rows = rows.size;
  for (const image of images) {
    const row = rows.get(image.jobId);
    if (!row) continue;
    const say = (what: string) => wrong.push(`${image.name}: ${what}`);
    checkSteps(row, image, allowed, say, findings);
    await checkJournal(world, row, image, say);
    if (image.scene) checkFaces(row, image, say);
  }
  checkMatches(images, rows, wrong);
  return findings;
}

type Say = (what: string) => void;

function checkSteps(row: StoredImage, image: Dropped, allowed: Allowed, say: Say, findings: Findings): void {
  const expected = row.pipeline.filter((step) => step !== OUTPUT_STEP).sort();
  if (Object.keys(row.steps).sort().join() !== expected.join())
    say(`steps ${Object.keys(row.steps)} of pipeline ${expected}`);
  for (const [step, { state, error }] of Object.entries(row.steps)) {
    const counts = findings.steps[step] ?? {};
    counts[state] = (counts[state] ?? 0) + 1;
    findings.steps[step] = counts;
    if (state !== 'done' && !error?.code) say(`${step} is ${state} without a reason`);
    if (image.scene && !allowed(step, state, error?.code))
      say(`${step} is ${state} (${error?.code}: ${error?.message})`);
  }
  const end = image.scene ? undefined : 'rejected';
  const ended = ['rejected', 'superseded', 'gone'].includes(row.status) ? row.status : undefined;
  if (ended !== end) say(`ended as ${row.status} (${row.reason?.code})`);
}

async function checkJournal(world: World, row: StoredImage, image: Dropped, say: Say): Promise<void> {
  const entry = await world.observer.journal.read(row.batchId, image.jobId);
  if (!entry) return say('has no journal row');
  if (outcomeFor(entry.job, OUTPUT_STEP, entry.job.run, undefined)?.state !== 'done')
    say('output not recorded as done');
  for (const [step, record] of Object.entries(entry.job.steps)) {
    if (record.state === 'waiting') say(`${step} still waits in the journal`);
    await world.observer.claimCheck
      .resolve(record.output)
      .catch(() => say(`the linked output of ${step} is missing`));
  }
}

/** Whether the row says that its faces can be found: only then must they be. */
const enrolled = (row: StoredImage) => row.steps.facematch?.state === 'done';

/** A `facematch` that failed may have enrolled the faces before it did. */
const mayBeEnrolled = (row: StoredImage) => enrolled(row) || row.steps.facematch?.state === 'failed';

function checkFaces(row: StoredImage, image: Dropped, say: Say): void {
  if (row.steps.facedetection?.state !== 'done') return;
  const people = image.scene?.people.length ?? 0;
  if (row.faces.length !== people) say(`${row.faces.length} faces of ${people}`);
  if (new Set(row.faces.map((face) => face.key)).size !== row.faces.length) say('two faces share a key');
  for (const face of row.faces) {
    if (row.steps.facecrop?.state === 'done' && face.crop === undefined) say(`face ${face.key} has no crop`);
    if (enrolled(row) && !face.enrolled) say(`face ${face.key} is not enrolled`);
  }
  if (image.scene?.muchText && row.steps.ocr?.state === 'done' && !row.text?.includes('word39x7'))
    say('its text was cut');
}

/**
 * Faces of one person in two enrolled photographs are one match, seen from both; there is no other. A photograph whose
 * `facematch` failed may have been enrolled before it did: matches with it are allowed, and not missed.
 */
function checkMatches(
  images: readonly Dropped[],
  rows: ReadonlyMap<string, StoredImage>,
  wrong: string[],
): void {
  const byPerson = new Map<number, { image: Dropped; face: string; sure: boolean }[]>();
  const faceOf = (row: StoredImage, index: number) =>
    [...row.faces].sort((a, b) => a.rectangle.left - b.rectangle.left)[index]?.key;
  for (const image of images) {
    const row = rows.get(image.jobId);
    if (!row || !mayBeEnrolled(row)) continue;
    image.scene?.people.forEach((person, index) => {
      const list = byPerson.get(person) ?? [];
      list.push({ image, face: faceOf(row, index) ?? '?', sure: enrolled(row) });
      byPerson.set(person, list);
    });
  }
  const expected = new Map<string, Set<string>>();
  const allowed = new Map<string, Set<string>>();
  const note = (pairs: Map<string, Set<string>>, jobId: string, pair: string) =>
    pairs.set(jobId, (pairs.get(jobId) ?? new Set()).add(pair));
  for (const faces of byPerson.values()) {
    for (const one of faces) {
      for (const other of faces) {
        if (one.image.jobId === other.image.jobId) continue;
        // Pairs of an enquiry are candidates, and stand in no list of matches: see `enquiries.ts`.
        if (isReserved(one.image.name) || isReserved(other.image.name)) continue;
        const pair = `${one.face} ${other.face}`;
        note(allowed, one.image.jobId, pair);
        if (one.sure && other.sure) note(expected, one.image.jobId, pair);
      }
    }
  }
  for (const image of images) {
    const row = rows.get(image.jobId);
    if (!row) continue;
    const pairs = row.matches.map((match) => `${match.face} ${match.otherFace}`);
    const want = expected.get(image.jobId) ?? new Set();
    if (row.matches.some((match) => match.otherImage === row.id)) wrong.push(`${image.name}: matches itself`);
    if (new Set(pairs).size !== pairs.length) wrong.push(`${image.name}: a match twice`);
    for (const pair of want) if (!pairs.includes(pair)) wrong.push(`${image.name}: misses match ${pair}`);
    for (const pair of pairs)
      if (!allowed.get(image.jobId)?.has(pair))
        wrong.push(`${image.name}: has match ${pair}, which nobody expects`);
  }
}

/** What is left behind once all images are done: queues, dead letters, crops, and who is enrolled how often. */
export async function examineRest(
  world: World,
  images: readonly Dropped[],
): Promise<{ wrong: string[]; enrolledTwice: number; orphansSwept: number }> {
  const wrong: string[] = [];
  const depths = await queueDepths(world);
  if (Object.keys(depths).length > 0) wrong.push(`queues are not empty: ${JSON.stringify(depths)}`);
  for await (const letter of world.observer.deadLetters.list()) {
    wrong.push(`dead letter in ${letter.queue}: ${letter.error.code}: ${letter.error.message}`);
  }
  const rows = await allRows(world);
  const ids = new Set(images.map(({ jobId }) => jobId));
  for (const row of rows)
    if (!ids.has(row.id)) wrong.push(`a row of an image that nobody dropped: ${row.id}`);
  if (new Set(rows.map((row) => row.id)).size !== rows.length) wrong.push('an image with two rows');
  await checkBlobs(world, images, rows, wrong);
  const { twice, swept } = await checkGallery(world, rows, wrong);
  return { wrong, enrolledTwice: twice, orphansSwept: swept };
}

async function checkBlobs(
  world: World,
  images: readonly Dropped[],
  rows: StoredImage[],
  wrong: string[],
): Promise<void> {
  const { blobs } = world.observer.storage;
  const crops = new Set(rows.flatMap((row) => row.faces.flatMap((face) => face.crop ?? [])));
  for await (const { name } of blobs.list(containers.faces)) {
    // Of an image whose later steps failed, the crops are there and the row names them all the same.
    if (!crops.delete(name)) wrong.push(`a crop that no row names: ${name}`);
  }
  for (const name of crops) wrong.push(`a crop that is missing: ${name}`);
  const originals = new Map(images.map(({ name, etag }) => [name, etag]));
  for await (const { name, etag } of blobs.list(containers.input)) {
    if (originals.get(name) !== etag) wrong.push(`an original was written to: ${name}`);
    originals.delete(name);
  }
  for (const name of originals.keys()) wrong.push(`an original is missing: ${name}`);
}

/**
 * Does what the nightly sweep of the face lists does, and their maintenance, beyond the age at which a face that nobody owns
 * is taken out.
 *
 * @returns how many there were
 */
export async function sweepLists(world: World): Promise<number> {
  const { settings, storage, imageOf } = world.observer;
  let ahead = 0;
  const clock = () => Date.now() + ahead;
  const engine = { ...settings, FACE_ENDPOINT: world.wire.engineUrl };
  const vision = openVision(engine, { storage, clock, log: silentLog });
  // Of whatever model: while two are in use, faces stand in the lists of both.
  const gallery = openGalleries({ vision, storage, settings, clock, log: silentLog }).all;
  const never = new AbortController().signal;
  // Beyond the age at which the sweep touches things, and again, for what it only noted.
  ahead = 3_600_000;
  let swept = 0;
  for (let round = 0; round < 4; round += 1) {
    swept += (await gallery.sweep(never)).deleted;
    ahead += 3_600_000;
    await until('Maintenance comes to rest', async () => {
      const { training, copied, retired } = await gallery.maintain(
        (face) => imageOf(face.batchId, face.jobId, never),
        never,
      );
      ahead += 1000;
      return !training && copied === 0 && retired === 0;
    });
  }
  return swept;
}

/** The keys of all faces in all lists of the service, as often as they are in them, by model. */
export async function heldKeys({ wire }: World): Promise<Map<string, string[]>> {
  const held = new Map<string, string[]>();
  for (const tier of ['facelists', 'largefacelists'] as const) {
    const lists = await answerOf<Record<string, string>[]>(
      `${wire.engineUrl}/face/v1.0/${tier}?returnRecognitionModel=true`,
    );
    for (const list of lists) {
      const model = String(list.recognitionModel);
      held.set(model, [...(held.get(model) ?? []), ...(await keysIn(wire.engineUrl, tier, list))]);
    }
  }
  return held;
}

async function checkGallery(
  world: World,
  rows: StoredImage[],
  wrong: string[],
): Promise<{ twice: number; swept: number }> {
  const swept = await sweepLists(world);
  const { active, next } = await readRecognition((await world.observer.results()).database);
  /** How often each face is enrolled, by model. */
  const held = new Map<string, Map<string, number>>();
  for (const [model, keys] of await heldKeys(world)) {
    const ofModel = new Map<string, number>();
    for (const key of keys) ofModel.set(key, (ofModel.get(key) ?? 0) + 1);
    held.set(model, ofModel);
  }
  let twice = 0;
  for (const model of new Set([active, ...held.keys()])) {
    const ofModel = held.get(model) ?? new Map<string, number>();
    for (const row of rows) {
      for (const face of row.faces) {
        const times = ofModel.get(face.key) ?? 0;
        ofModel.delete(face.key);
        if (times > 1) twice += 1;
        if (model === active && face.enrolled && times !== 1)
          wrong.push(`face ${face.key} is enrolled ${times} times with ${model}`);
        else if (times > 1) wrong.push(`face ${face.key} is enrolled ${times} times with ${model}`);
        // Only while the archive is being enrolled anew.
        if (times > 0 && model !== active && model !== next)
          wrong.push(`face ${face.key} is enrolled with ${model}, which nobody uses`);
      }
    }
    for (const key of ofModel.keys()) wrong.push(`an enrolled face of no row: ${key} (${model})`);
  }
  return { twice, swept };
}

async function keysIn(
  engine: string,
  tier: 'facelists' | 'largefacelists',
  list: Record<string, string>,
): Promise<string[]> {
  if (tier === 'facelists') {
    const { persistedFaces } = await answerOf<{ persistedFaces: { userData: string }[] }>(
      `${engine}/face/v1.0/facelists/${list.faceListId}`,
    );
    return persistedFaces.map(({ userData }) => userData);
  }
  const keys: string[] = [];
  let start = '';
  for (;;) {
    const page = await answerOf<{ persistedFaceId: string; userData: string }[]>(
      `${engine}/face/v1.0/largefacelists/${list.largeFaceListId}/persistedfaces?top=1000${start}`,
    );
    keys.push(...page.map(({ userData }) => userData));
    if (page.length < 1000) return keys;
    start = `&start=${page.at(-1)?.persistedFaceId}`;
  }
}

async function answerOf<T>(url: string): Promise<T> {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The engine answered ${response.status} to ${new URL(url).pathname}.`);
  return (await response.json()) as T;
}
