/**
 * What groups of faces and enquiries cost: an arriving photograph, naming, merging, splitting and undoing in a group of
 * 5,000 faces, opening an enquiry, and the page's lists, over a million faces and 10,000 open enquiries in SQLite.
 *
 *   npm run bench:people -- [--faces 1000000] [--group 5000] [--enquiries 10000] [--rounds 40] [--keep] [--data .imaginem-bench/people]
 *
 * Builds the set, or takes one that `--keep` left, prints p50 and p95 of each deed with the processor time, and ends with
 * exit code 1 where a p95 of processor time is above its limit: on a machine that others use, the rest is waiting.
 */
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { SqliteDatabase } from '../../src/database/sqlite.ts';
import { countSecondLooks } from '../../src/people/enquiry/hidden.ts';
import { candidateFollower, openEnquiries } from '../../src/people/enquiry/open.ts';
import { People } from '../../src/people/people.ts';
import { SqlResultStore } from '../../src/results/sql-result-store.ts';
import { buildEnquiries, enquiryId, portrait, soughtAfter } from './build-enquiries.ts';
import { arriving, buildFaces, faceKey } from './build-faces.ts';
import { checkGroups } from './check-groups.ts';

const { values } = parseArgs({
  options: {
    faces: { type: 'string', default: '1000000' },
    group: { type: 'string', default: '5000' },
    enquiries: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '40' },
    keep: { type: 'boolean', default: false },
    data: { type: 'string', default: '.imaginem-bench/people' },
  },
});
const [faces, group, rounds] = [Number(values.faces), Number(values.group), Number(values.rounds)];
const enquiries = Number(values.enquiries);
const archive = { faces, group };
const folder = path.resolve(values.data);
const file = path.join(folder, `faces-${faces}-${group}-${enquiries}.db`);
const isNew = !existsSync(file);
mkdirSync(folder, { recursive: true });
const started = performance.now();
const say = (line: string) => console.log(`${String(seconds(started)).padStart(5)} s  ${line}`);
if (isNew) {
  const empty = new SqlResultStore(await SqliteDatabase.open(file));
  await empty.migrate();
  await empty.close();
  buildFaces(file, archive, say);
}
const store = new SqlResultStore(await SqliteDatabase.open(file));
await store.migrate();
const people = new People(store.database, {
  ...{ clock: Date.now, figures: 'engine' },
  followers: [candidateFollower({ needed: 2 })],
});
const parts = openEnquiries({
  ...{ needed: 2, database: store.database, people, clock: Date.now, random: () => 0.5 },
  figuresOf: () => 'engine',
  countFaces: () => store.counts.faces(),
});
if (isNew) {
  await checkGroups(store.database, people, archive);
  say('the groups are those that solving makes');
  await buildEnquiries(store.database, archive, enquiries);
  say(`${enquiries} enquiries: their candidates`);
  await people.settleAll();
  say('ready');
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 1000);
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? 0;
let missed = 0;
console.log(
  `${'deed'.padEnd(60)}${'p50 ms'.padStart(9)}${'p95 ms'.padStart(9)}${'CPU p95'.padStart(9)}${'limit'.padStart(8)}`,
);

/** @param before prepares a round, untimed */
async function measure(
  name: string,
  limitMs: number,
  deed: (round: number) => Promise<unknown>,
  before: (round: number) => Promise<unknown> = async () => {},
): Promise<void> {
  const [walls, cpus]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    await before(round);
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await deed(round);
    walls.push(performance.now() - started);
    const { user, system } = process.cpuUsage(cpu);
    cpus.push((user + system) / 1000);
  }
  for (const some of [walls, cpus]) some.sort((one, two) => one - two);
  const cpu = quantile(cpus, 0.95);
  if (cpu > limitMs) missed += 1;
  const cells = [quantile(walls, 0.5), quantile(walls, 0.95), cpu].map((ms) => ms.toFixed(1).padStart(9));
  console.log(
    `${name.padEnd(60)}${cells.join('')}${String(limitMs).padStart(8)}${cpu > limitMs ? '  too slow' : ''}`,
  );
}

const TERMS = { purpose: 'tracing', legalBasis: 'public interest', minor: true };

/** Deeds and lists of enquiries, beside all the others that are open. */
async function measureEnquiries(): Promise<void> {
  const opened: string[] = [];
  await measure('open an enquiry: its photograph with 5 candidates, and who is told', 200, async (round) => {
    const { id } = await parts.enquiries.open(TERMS, 'bench');
    opened.push(id);
    const photograph = portrait(id, round, archive);
    await parts.enquiries.addPhotograph(id, photograph.id, '1998', 'bench');
    await store.save(photograph);
    await people.settle([photograph.id]);
  });
  await measure(
    `a photograph that two of ${enquiries + rounds} enquiries look for: their candidates`,
    200,
    (round) => people.settle([`sought-${stamp}-${round}`]),
    (round) => store.save(soughtAfter(`sought-${stamp}-${round}`, round % Math.floor(enquiries / 2))),
  );
  const at = (round: number) => opened[round % opened.length] ?? '';
  const first = async (round: number, reader: string) =>
    (await parts.candidates.list({ enquiry: at(round), limit: 50 }, reader))[0]?.id ?? '';
  await measure('put a face forward by hand', 200, (round) =>
    parts.review.propose(at(round), { face: faceKey(faces - 1 - 4 * round) }, 'bench'),
  );
  await measure('say the first word about a candidate', 200, async (round) =>
    parts.review.say(await first(round, 'anna'), { word: 'same' }, 'anna'),
  );
  await measure('say the second word: a find', 200, async (round) => {
    const [waiting] = await parts.candidates.list(
      { enquiry: at(round), standing: 'secondLook', limit: 1 },
      'ben',
    );
    await parts.review.say(waiting?.id ?? '', { word: 'same' }, 'ben');
  });
  await measure('list of enquiries', 50, () => parts.enquiries.list({ limit: 50 }));
  await measure('list of enquiries that have candidates', 50, () =>
    parts.enquiries.list({ state: 'candidate', limit: 50 }),
  );
  await measure('candidates of one enquiry', 50, (round) =>
    parts.candidates.list({ enquiry: enquiryId(round), limit: 50 }, 'carl'),
  );
  await measure('candidates of all enquiries, the surest first', 50, () =>
    parts.candidates.list({ limit: 50 }, 'carl'),
  );
  await measure('one candidate with all that is known', 50, async (round) =>
    parts.candidates.get(await first(round, 'carl'), 'carl'),
  );
  await measure('how many second looks wait', 50, () => countSecondLooks(store.database, 'carl'));
  await measure('the time line of one enquiry', 50, (round) =>
    parts.enquiries.events(at(round), { limit: 20, reader: 'carl' }),
  );
}

const BY = { by: 'bench' };
const stamp = Date.now();
await measure(
  'a photograph with 3 faces like 4 others each: its groups',
  50,
  (round) => people.settle([`arriving-${stamp}-${round}`]),
  (round) => store.save(arriving(`arriving-${stamp}-${round}`, round, faces)),
);
await measure(
  'a photograph that is like no other: its groups',
  5,
  (round) => people.settle([`alone-${stamp}-${round}`]),
  (round) => store.save({ ...arriving(`alone-${stamp}-${round}`, round, faces), matches: [] }),
);
if (enquiries > 0) await measureEnquiries();
// As the timer does meanwhile: what arrived above has moved the threshold of its batch, and left marks.
await people.settleAll();
const made: string[] = [];
await measure(
  `name a group of ${group} faces`,
  200,
  async () => {
    const person = await people.persons.make({ fullName: 'Bench' }, BY, [faceKey(0)]);
    made.push(person.id);
  },
  async () => {
    const last = made.pop();
    if (last !== undefined) await people.persons.erase(last, 'bench');
  },
);
const merges: string[] = [];
await measure(`merge another group into one of ${group} faces`, 200, async (round) => {
  const decision = await people.decide(faceKey(0), faceKey(group + 4 * round), 'same', BY);
  merges.push(decision?.id ?? '');
});
await measure(`undo that`, 200, async () => {
  await people.undo(merges.pop() ?? '', BY);
});
const splits: string[][] = [];
await measure(`take one face out of a group of ${group}`, 200, async (round) => {
  splits.push(await people.split([faceKey(1 + round)], undefined, BY));
});
await measure('list of groups, with six faces each', 50, async () => {
  const found = await people.groups.list({ limit: 40 });
  await people.groups.someFaces(found, 6);
});
await measure('list of groups of one batch', 50, async () => {
  const found = await people.groups.list({ batchId: 'batch-7', limit: 40 });
  await people.groups.someFaces(found, 6);
});
const [largest] = await people.groups.list({ limit: 1 });
await measure(`a page of the faces of a group of ${group}`, 50, async () => {
  if (largest) await people.groups.faces(largest, { limit: 60, after: faceKey(10) });
});
await measure('persons by name', 50, () => people.persons.list({ prefix: 'Be', limit: 40 }));
await measure('decisions about a face, newest first', 50, () =>
  people.decisions({ face: faceKey(0), limit: 50 }),
);

if (values.keep) {
  // For the next run to begin with what this one began with.
  for (const split of splits.toReversed()) await people.undoAll(split, BY);
  for (const id of made) await people.persons.erase(id, 'bench');
}
await store.close();
if (!values.keep) rmSync(folder, { recursive: true, force: true });
process.exitCode = missed > 0 ? 1 : 0;
