import type { Database } from '../../../../src/database/database.ts';
import { raw } from '../../../../src/database/sql.ts';
import { SqliteDatabase } from '../../../../src/database/sqlite.ts';
import { silentLog } from '../../../../src/domain/ports.ts';
import { SqlResultStore } from '../../../../src/results/sql-result-store.ts';
import { deliver } from '../../../../src/telling/deliver.ts';
import { Webhook } from '../../../../src/telling/webhook.ts';
import { EnquiryWorld, enquiryBatch } from '../../../people/enquiry/world.ts';
import { MortalDatabase } from '../../../people/mortal-database.ts';

/** What deeds are about, in the state that each of them begins with. */
export interface Ids {
  /** Enquiries: one whose candidate nobody has judged, one whose candidate waits for a second look. */
  open: string;
  waiting: string;
  candidate: string;
  waitingCandidate: string;
  /** Of anna, about the candidate that waits. */
  word: string;
  persons: [string, string];
  /** That two faces are the same. */
  decision: string;
}

export const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;

interface Deed {
  /**
   * `person`: whoever did it looks whether it was done, and does it again where it was not. `queue`: it is done again in
   * any case. `telling`: the next process goes on, once what the dead one had taken is free.
   */
  readonly again: 'person' | 'queue' | 'telling';
  readonly run: (world: EnquiryWorld, ids: Ids, webhook: string) => Promise<unknown>;
}

const BY = { by: 'anna' };
const TERMS = { purpose: 'tracing', legalBasis: 'public interest', minor: true };
const person = (run: Deed['run']): Deed => ({ again: 'person', run });

/** Every write about people and enquiries, by name. */
export const DEEDS: Readonly<Record<string, Deed>> = {
  'open an enquiry': person(({ parts }) => parts.enquiries.open(TERMS, 'anna')),
  'add a photograph': person(({ parts }, { open }) =>
    parts.enquiries.addPhotograph(open, 'p2', '1999', 'anna'),
  ),
  'a photograph arrives': {
    again: 'queue',
    run: (world) =>
      world.photograph('port', 'e', [
        { photograph: 'p', confidence: 0.6 },
        { photograph: 'q', confidence: 0.65 },
      ]),
  },
  'a photograph of an enquiry arrives': {
    again: 'queue',
    run: (world, { open }) =>
      world.photograph(enquiryBatch(open), 'p2', [{ photograph: 'z', confidence: 0.65 }]),
  },
  decide: person((world, { candidate }) => world.say(candidate, 'different', 'anna')),
  'say the first word': person((world, { candidate }) => world.say(candidate, 'same', 'anna')),
  'say the second word': person((world, { waitingCandidate }) => world.say(waitingCandidate, 'same', 'ben')),
  'take a word back': person(({ parts }, { word }) => parts.review.undo(word, 'anna')),
  'put a face forward': person(({ parts }, { open }) =>
    parts.review.propose(open, { face: 'z-0', own: 'p-0' }, 'anna'),
  ),
  'end an enquiry': person(({ parts }, { open }) => parts.enquiries.end(open, 'closed', 'over', 'anna')),
  'name a face': person(({ people }) => people.persons.make({ fullName: 'Zahra' }, BY, ['z-0'])),
  'merge two persons': person(({ people }, { persons: [one, two] }) => people.persons.merge(one, two, BY)),
  'take a face out': person(({ people }) => people.split(['b-0'], undefined, BY)),
  'undo a decision': person(({ people }, { decision }) => people.undo(decision, BY)),
  'erase a person': person(({ people }, { persons: [one] }) => people.persons.erase(one, 'anna')),
  'erase an enquiry': {
    again: 'queue',
    run: ({ store }, { waiting }) => store.erasures.enquiries.remove([waiting]),
  },
  'tell of it': {
    again: 'telling',
    run: (world, _, webhook) => {
      const clock = () => world.now;
      const receiver = new Webhook({ url: webhook, secret: SECRET, allowPrivate: true, clock: Date.now });
      const parts = { receiver, isBarred: async () => false, random: () => 0.5, log: silentLog };
      return deliver(
        { ...parts, outbox: new SqlResultStore(world.store.database, clock).outbox },
        NEVER.signal,
      );
    },
  },
};
const NEVER = new AbortController();

/** A result database as a world, whose process dies where it is told to. */
export interface OpenWorld {
  readonly world: EnquiryWorld;
  readonly database: MortalDatabase;
  close(): Promise<void>;
}

/** @param die what ends the process, where it has no lives left */
export async function openWorld(file: string, die?: () => never): Promise<OpenWorld> {
  const database = new MortalDatabase(await SqliteDatabase.open(file), die);
  const clock = { now: () => 0 };
  const world = EnquiryWorld.over(new SqlResultStore(database, () => clock.now()));
  clock.now = () => world.now;
  // After everything in the beginning, and the same for all who go on.
  world.now += 3_600_000;
  for (const [id, batch] of Object.entries(BATCHES)) world.announce(batch, id);
  return { world, database, close: () => database.close() };
}

const BATCHES: Record<string, string> = { a: 'camp', b: 'camp', c: 'camp', d: 'camp', z: 'camp' };

/** Makes what all deeds begin with. */
export async function begin(file: string): Promise<Ids> {
  const { world, close } = await openWorld(file);
  world.now -= 3_600_000;
  await world.store.migrate();
  await world.photograph('camp', 'a', []);
  await world.photograph('camp', 'b', [{ photograph: 'a', confidence: 0.9 }]);
  for (const id of ['c', 'd', 'z']) await world.photograph('camp', id, []);
  const enquiryOf = async (photograph: string, like: string) => {
    const id = await world.enquiry();
    await world.parts.enquiries.addPhotograph(id, photograph, '1998', 'anna');
    await world.photograph(enquiryBatch(id), photograph, [{ photograph: like, confidence: 0.7 }]);
    return { id, candidate: (await world.candidates(id))[0]?.id ?? '' };
  };
  const open = await enquiryOf('p', 'a');
  const waiting = await enquiryOf('q', 'c');
  await world.say(waiting.candidate, 'same', 'anna');
  const word = (await world.parts.candidates.get(waiting.candidate, 'anna'))?.words[0]?.id ?? '';
  const one = await world.people.persons.make({ fullName: 'Amal' }, BY, ['a-0']);
  const two = await world.people.persons.make({ fullName: 'Amal B' }, BY, ['d-0']);
  const decision = await world.people.decide('a-0', 'b-0', 'same', BY);
  await world.people.settleAll();
  await close();
  return {
    open: open.id,
    waiting: waiting.id,
    candidate: open.candidate,
    waitingCandidate: waiting.candidate,
    word,
    persons: [one.id, two.id],
    decision: decision?.id ?? '',
  };
}

const TABLES = [
  ...['enquiry', 'enquiry_event', 'enquiry_photo', 'enquiry_face', 'candidate'],
  ...['candidate_word', 'candidate_word_face', 'decision', 'match_decision', 'person', 'person_link'],
  ...['face_anchor', 'face_group', 'people_group', 'people_dirty', 'face_match', 'face', 'group_scope'],
  'audit_entry',
];
/** What is done once more after a kill may be noted once more. */
const LOOKS =
  "SELECT DISTINCT image_id, CASE WHEN due_at = '' THEN 'now' ELSE 'later' END AS due FROM faceprint_look";
const OUTBOX = 'SELECT event_id, kind, enquiry_id, candidate_id, state, code FROM outbox';

const MADE = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b(?:[0-9a-f]{64}|[0-9a-f]{32})\b/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** All rows about people, of which those ids stay that were there in the beginning, and no times. */
export async function stateOf(database: Pick<Database, 'read'>, known: ReadonlySet<string>): Promise<string> {
  const statements = [...TABLES.map((table) => `SELECT * FROM ${table}`), LOOKS, OUTBOX];
  const sets = await database.read(statements.map(raw));
  return sets
    .map((rows, index) =>
      [
        [...TABLES, 'faceprint_look'][index] ?? 'outbox',
        ...rows
          .map((row) =>
            JSON.stringify(row)
              .replace(MADE, (id) => (known.has(id) ? id : '#'))
              .replace(TIME, '@'),
          )
          .sort(),
      ].join('\n'),
    )
    .join('\n\n');
}

/** The ids that there are in the beginning. */
export async function idsIn(database: Pick<Database, 'read'>): Promise<Set<string>> {
  const sets = await database.read([...TABLES.map((table) => `SELECT * FROM ${table}`), OUTBOX].map(raw));
  return new Set(JSON.stringify(sets).match(MADE) ?? []);
}
