import { afterEach, beforeEach, expect, test } from 'vitest';
import { candidateFollower, openEnquiries } from '../../../src/people/enquiry/open.ts';
import { People } from '../../../src/people/people.ts';
import { SqlResultStore } from '../../../src/results/sql-result-store.ts';
import { Died, MortalDatabase } from '../mortal-database.ts';
import { EnquiryWorld, enquiryBatch } from './world.ts';

let world: EnquiryWorld;
beforeEach(async () => {
  world = await EnquiryWorld.open();
});
afterEach(() => world.close());

/** The same world seen through a database that dies. */
function mortal() {
  const database = new MortalDatabase(world.store.database);
  const options = { needed: 2 } as const;
  const clock = () => world.now;
  const people = new People(database, { clock, figures: 'engine', followers: [candidateFollower(options)] });
  const store = new SqlResultStore(database, clock);
  const parts = openEnquiries({
    ...{ ...options, database, people, figuresOf: () => 'engine' as const, clock, random: () => 0.99 },
    countFaces: async () => 0,
  });
  return { database, view: Object.assign(Object.create(world) as EnquiryWorld, { store, people, parts }) };
}

/** What happens to an enquiry from its beginning to its end; each step may be done again after any death. */
const story: readonly ((world: EnquiryWorld, ids: Ids) => Promise<unknown>)[] = [
  (one, { p }) => one.photograph(p.archive, p.a, []),
  (one, { p }) => one.photograph(p.archive, p.b, [{ photograph: p.a, confidence: 0.8 }]),
  (one, { enquiry, p }) => one.parts.enquiries.addPhotograph(enquiry, p.own, '1998', 'anna'),
  (one, { enquiry, p }) =>
    one.photograph(enquiryBatch(enquiry), p.own, [{ photograph: p.a, confidence: 0.7 }]),
  async (one, ids) => {
    world.now += 1000;
    await one.parts.review.say(await ids.candidate(), { word: 'same' }, 'anna');
  },
  async (one, ids) => {
    world.now += 1000;
    await one.parts.review.say(await ids.candidate(), { word: 'same' }, 'ben');
  },
  (one, { p }) => one.photograph(p.archive, p.c, [{ photograph: p.b, confidence: 0.9 }]),
  (one, { enquiry }) => one.parts.enquiries.end(enquiry, 'reunited', 'they met', 'anna'),
];

interface Ids {
  enquiry: string;
  p: { archive: string; a: string; b: string; c: string; own: string };
  candidate(): Promise<string>;
}

let tales = 0;
async function idsOfTale(): Promise<Ids & { prefix: string }> {
  tales += 1;
  const prefix = `t${tales}x`;
  const enquiry = await world.enquiry();
  const p = { archive: prefix, a: `${prefix}a`, b: `${prefix}b`, c: `${prefix}c`, own: `${prefix}p` };
  world.announce(prefix, p.a, p.b, p.c);
  world.announce(enquiryBatch(enquiry), p.own);
  return { enquiry, p, prefix, candidate: async () => (await world.candidates(enquiry))[0]?.id ?? '' };
}

/** All that is known of an enquiry at the end, but ids and times. */
async function endOf({ enquiry, prefix }: Ids & { prefix: string }): Promise<string> {
  await world.people.settleAll();
  const events = await world.parts.enquiries.events(enquiry, { limit: 100 });
  const alerts = await world.store.outbox.list({ enquiry, limit: 100 });
  const [first] = await world.candidates(enquiry, 'carl');
  const detail = await world.parts.candidates.get(first?.id ?? '', 'carl');
  const log = await world.people.decisions({ enquiryId: enquiry, limit: 100 });
  return JSON.stringify({
    state: (await world.parts.enquiries.get(enquiry))?.state,
    picture: await world.picture(enquiry, 'carl'),
    events: events.map(({ kind, from, to }) => `${kind} ${from ?? ''} ${to ?? ''}`).sort(),
    alerts: alerts.map(({ type }) => type).sort(),
    words: detail?.words.map(({ by, word, blind }) => [by, word, blind]),
    log: log.map(({ kind, by }) => `${kind} ${by}`).sort(),
  }).replaceAll(prefix, '');
}

test('a process that dies at any statement, or just after a commit, leaves what one that lived would have (crash)', async () => {
  const untroubled = await idsOfTale();
  for (const step of story) await step(world, untroubled);
  const expected = await endOf(untroubled);
  expect(JSON.parse(expected)).toMatchObject({ state: 'reunited', alerts: ['found', 'proposed'] });
  let deaths = 0;
  for (const [at, step] of story.entries()) {
    // The photographs of the archive by themselves are not what this is about.
    if (at < 2) continue;
    for (let lives = 0; ; lives += at === 3 || at === 5 ? 1 : 3) {
      const ids = await idsOfTale();
      for (const before of story.slice(0, at)) await before(world, ids);
      const { database, view } = mortal();
      database.lives = lives;
      const died = await step(view, ids).then(
        () => false,
        (error: unknown) => {
          if (error instanceof Died) return true;
          throw error;
        },
      );
      if (died) deaths += 1;
      // Another process goes on, as the queue or the person does: the same once more.
      if (died) await step(world, ids);
      for (const after of story.slice(at + 1)) await after(world, ids);
      expect(await endOf(ids), `step ${at}, dead after ${lives} statements`).toBe(expected);
      if (!died) break;
    }
  }
  expect(deaths).toBeGreaterThan(25);
}, 240_000);
