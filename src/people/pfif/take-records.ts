import { subject } from '../../audit/subject.ts';
import type { People } from '../people.ts';
import { insertPerson, updatePerson } from '../persons.ts';
import type { PeopleTransaction } from '../transaction.ts';
import { isExpired, isPlaceholder } from './expiry.ts';
import type { PfifNote, PfifPerson } from './fields.ts';
import { type KnownRecord, keepNote, keepPersonRecord, knownRecords, recordHash } from './ledger.ts';
import { personValues } from './person-values.ts';

/** What became of a record. */
export type Taken =
  /** It is here now, as it says. */
  | 'made'
  | 'changed'
  /** It was here already, as new as this. */
  | 'unchanged'
  /** Somebody here has changed the person since: that stays. */
  | 'keptOurs'
  /** Its time is over: nothing of it is taken, and what was here is erased. */
  | 'expired'
  /** It was erased here. */
  | 'erasedHere'
  /** It is a copy of one of our own. */
  | 'ourOwn'
  /** A note of a person that is not here. */
  | 'noPerson'
  /** A note that says that somebody is dead, of a caller who may not say so. */
  | 'deathNotAllowed';

interface TakeOptions {
  readonly by: string;
  readonly purpose: string;
  readonly legalBasis: string;
  /** Whether notes that somebody is dead are taken. */
  readonly deaths: boolean;
  /** In which our own records' ids are. */
  readonly domain?: string | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export type Given =
  | { readonly kind: 'person'; readonly person: PfifPerson }
  | { readonly kind: 'note'; readonly note: PfifNote };

/**
 * Takes some records, all or none: persons are made or changed, notes kept. What is expired is told and not erased here,
 * for an erasure is a transaction of its own.
 *
 * @returns what became of each, in their order; ids of persons to erase
 */
export function takeRecords(
  people: People,
  given: readonly Given[],
  options: TakeOptions,
): Promise<{ taken: Taken[]; expired: string[] }> {
  return people.write(async (transaction) => {
    const batch = new Batch(transaction, options, await known(transaction, given));
    const taken: Taken[] = [];
    for (const one of given) {
      taken.push(one.kind === 'person' ? await batch.person(one.person) : await batch.note(one.note));
    }
    const count = (kind: Taken) => taken.filter((one) => one === kind).length;
    if (batch.touched.size > 0) {
      transaction.audit({
        who: options.by,
        action: 'pfif.imported',
        about: [...batch.touched].map(subject.person),
        detail: { records: given.length, made: count('made'), changed: count('changed') },
      });
    }
    return { taken, expired: [...batch.expired] };
  });
}

function known(transaction: PeopleTransaction, given: readonly Given[]) {
  const hashes = given.flatMap((one) =>
    one.kind === 'person'
      ? [recordHash('person', one.person.person_record_id)]
      : [recordHash('person', one.note.person_record_id), recordHash('note', one.note.note_record_id)],
  );
  return knownRecords(transaction.session, new Set(hashes));
}

class Batch {
  readonly #transaction: PeopleTransaction;
  readonly #options: TakeOptions;
  readonly #known: Map<string, KnownRecord>;
  readonly touched = new Set<string>();
  readonly expired = new Set<string>();

  constructor(transaction: PeopleTransaction, options: TakeOptions, records: Map<string, KnownRecord>) {
    this.#transaction = transaction;
    this.#options = options;
    this.#known = records;
  }

  async person(record: PfifPerson): Promise<Taken> {
    const { now, domain, by, purpose, legalBasis } = this.#options;
    const hash = recordHash('person', record.person_record_id);
    const before = this.#known.get(hash);
    if (before?.state === 'erased') return 'erasedHere';
    if (domain !== undefined && isOf(record.person_record_id, domain) && !before) return 'ourOwn';
    if (isExpired(record, now) || isPlaceholder(record)) {
      if (before?.personId) this.expired.add(before.personId);
      return 'expired';
    }
    const values = { ...personValues(record, now), purpose, legalBasis };
    if (!before?.personId) {
      const id = await insertPerson(this.#transaction, values, by);
      return this.#keep(record, hash, id, 1, 'made');
    }
    if (before.sourceDate !== null && record.source_date <= before.sourceDate) return 'unchanged';
    const version = await updatePerson(this.#transaction, before.personId, values, before.personVersion);
    if (version === undefined) return 'keptOurs';
    return this.#keep(record, hash, before.personId, version, 'changed');
  }

  async #keep(record: PfifPerson, hash: string, personId: string, personVersion: number, how: Taken) {
    const { session, at } = this.#transaction;
    await session.run(keepPersonRecord(record, { personId, personVersion, at }));
    this.#known.set(hash, { hash, state: 'here', personId, personVersion, sourceDate: record.source_date });
    this.touched.add(personId);
    return how;
  }

  async note(note: PfifNote): Promise<Taken> {
    const hash = recordHash('note', note.note_record_id);
    const person = this.#known.get(recordHash('person', note.person_record_id));
    const before = this.#known.get(hash);
    if (person?.state === 'erased' || before?.state === 'erased') return 'erasedHere';
    if (!person?.personId) return 'noPerson';
    if (this.expired.has(person.personId)) return 'expired';
    if (note.status === 'believed_dead' && !this.#options.deaths) return 'deathNotAllowed';
    if (before && before.sourceDate !== null && note.source_date <= before.sourceDate) return 'unchanged';
    const { session, at } = this.#transaction;
    const { personId } = person;
    await session.run(keepNote(note, { id: this.#transaction.newId(), personId, at }));
    this.#known.set(hash, {
      hash,
      state: 'here',
      personId,
      personVersion: null,
      sourceDate: note.source_date,
    });
    this.touched.add(personId);
    return before ? 'changed' : 'made';
  }
}

const isOf = (id: string, domain: string): boolean => id.toLowerCase().startsWith(`${domain.toLowerCase()}/`);
