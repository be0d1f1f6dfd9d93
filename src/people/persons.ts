import { subject } from '../audit/subject.ts';
import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database, Row, Session } from '../database/database.ts';
import { int, join, json, type Parameter, raw, type Sql, sql, storableText, text } from '../database/sql.ts';
import { lookAtLinked } from '../results/faceprint-looks.ts';
import { fold } from '../results/fold.ts';
import { afterPrefix } from '../results/words.ts';
import { anchorsOf } from './anchors.ts';
import { decisionsWhere } from './decision-log.ts';
import { ChangedMeanwhileError, UnknownNodeError } from './errors.ts';
import { PERSONS_ONLY, personNode, personOf } from './node.ts';
import type { Person, PersonValues } from './person.ts';
import { forgetRecords } from './pfif/ledger.ts';
import { idTaken, isThere } from './said-again.ts';
import type { PeopleTransaction, Saying, WritePeople } from './transaction.ts';
import { whoText } from './who-column.ts';

/** Longest name by which persons are in order. */
const NAME_KEY = 200;

/** Names that differ in case or accents only stand together. */
export const nameKey = (name: string | null | undefined): string =>
  storableText(fold((name ?? '').normalize('NFKC').toLowerCase().trim()))
    .slice(0, NAME_KEY)
    .toWellFormed()
    .trimEnd();

/** Where a person may stand, and under which table an erasure counts it. */
const TRACES = [
  ['person', 'person_id', 'person'],
  ['decision', 'person_a', 'person'],
  ['decision', 'person_b', 'person'],
  ['person_link', 'person_id', 'person'],
  ['person_link', 'node', 'person'],
  ['people_group', 'person_id', 'person'],
  ['enquiry', 'asked_by', 'person'],
  ['enquiry', 'sought', 'person'],
  ['person_note', 'person_id', 'person_note'],
  ['pfif_record', 'person_id', 'pfif_record'],
] as const;

/** Those whom faces are of: made, changed, merged and erased by people. */
export class Persons {
  readonly #write: WritePeople;
  readonly #database: Database;

  constructor(write: WritePeople, database: Database) {
    this.#write = write;
    this.#database = database;
  }

  /**
   * Makes a person, of some faces where there are any. A group is named by the face it is shown by: what decisions hold to
   * that is the person's, what the machine has joined stays a guess.
   *
   * @param chosen the id; whoever did not get the answer asks again under the same, and the person is made once
   * @throws {UnknownNodeError} @throws {ContradictionError} @throws {PeopleRefusedError} IdTaken
   */
  make(
    values: PersonValues,
    saying: Saying,
    faces: readonly string[] = [],
    chosen?: string,
  ): Promise<Person> {
    return this.#write(async (transaction) => {
      if (chosen !== undefined) {
        const { session } = transaction;
        const said = [
          ...NOTHING_SAID,
          ...columnsOf({ ...UNSAID, ...values }),
          ['created_by', whoText(saying.by)] as const,
        ];
        if (await isThere(session, { table: 'person', key: 'person_id', id: chosen }, said)) {
          const person = (await readPerson(session, chosen)) as Person;
          if (!(await areSaid(session, person, faces))) throw idTaken();
          return person;
        }
      }
      const id = await insertPerson(transaction, values, saying.by, chosen);
      for (const face of faces) await transaction.say(face, personNode(id), 'same', saying);
      transaction.audit({
        who: saying.by,
        action: 'person.made',
        about: [subject.person(id), ...faces.map(subject.face)],
      });
      return (await readPerson(transaction.session, id)) as Person;
    });
  }

  /** @param version that was read; any where absent @throws {UnknownNodeError} @throws {ChangedMeanwhileError} */
  change(id: string, values: PersonValues, by: string, version?: number): Promise<Person> {
    return this.#write(async (transaction) => {
      const before = await readPerson(transaction.session, id);
      if (!before) throw new UnknownNodeError([personNode(id)]);
      if (version !== undefined && before.version !== version) throw new ChangedMeanwhileError();
      await transaction.session.run([setColumns(id, values, transaction.at)]);
      transaction.audit({
        who: by,
        action: 'person.changed',
        about: [subject.person(id)],
        detail: { changed: Object.keys(values) },
      });
      return (await readPerson(transaction.session, id)) as Person;
    });
  }

  /** Says that two persons are one: from now on they go by the second. @throws {ContradictionError} */
  merge(id: string, into: string, saying: Saying) {
    return this.#write(async (transaction) => {
      transaction.audit({
        who: saying.by,
        action: 'person.merged',
        about: [subject.person(id), subject.person(into)],
      });
      return transaction.say(personNode(id), personNode(into), 'same', saying);
    });
  }

  get(id: string): Promise<Person | undefined> {
    return readPerson(this.#database, id);
  }

  /** The person into whom this one was merged, after all merges; itself where it was not. */
  async kept(id: string): Promise<string> {
    const seen = new Set([id]);
    for (let at = id; ; ) {
      const [rows = []] = await this.#database.read([
        sql`SELECT node FROM person_link WHERE person_id = ${text(at)} AND kind = 'same' AND ${raw(PERSONS_ONLY)} ORDER BY node`,
      ]);
      const next = rows.map(({ node }) => personOf(node as string) as string).find((one) => !seen.has(one));
      if (next === undefined) return at;
      seen.add(next);
      at = next;
    }
  }

  /** By name. */
  async list(query: {
    prefix?: string;
    hidden?: boolean;
    after?: { nameKey: string; id: string };
    limit: number;
  }): Promise<(Person & { nameKey: string })[]> {
    const where: Sql[] = [sql`hidden = ${int(query.hidden ? 1 : 0)}`];
    const prefix = nameKey(query.prefix);
    if (prefix !== '')
      where.push(sql`name_key >= ${text(prefix)} AND name_key < ${text(afterPrefix(prefix))}`);
    if (query.after) {
      const { nameKey: name, id } = query.after;
      where.push(sql`name_key >= ${text(name)} AND (name_key > ${text(name)} OR person_id > ${text(id)})`);
    }
    const [rows = []] = await this.#database.read([
      sql`SELECT ${COLUMNS} FROM person WHERE ${join(where, ' AND ')} ORDER BY name_key, person_id${this.#database.dialect.limit(query.limit)}`,
    ]);
    return rows.map((row) => ({ ...toPerson(row), nameKey: row.name_key as string }));
  }

  /** Persons whose time is over. @param now ISO 8601, UTC */
  async expired(now: string, limit: number): Promise<string[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT person_id FROM person WHERE expiry_date IS NOT NULL AND expiry_date <= ${text(now)}
        ORDER BY person_id${this.#database.dialect.limit(limit)}`,
    ]);
    return rows.map(({ person_id }) => person_id as string);
  }

  /** What is kept of these persons, by table; what else names one is counted with the persons themselves. */
  async traces(ids: readonly string[]): Promise<Record<'person' | 'person_note' | 'pfif_record', number>> {
    const found = { person: 0, person_note: 0, pfif_record: 0 };
    for (const some of chunksOf(ids)) {
      const list = listOf(some);
      const nodes = listOf(some.map(personNode));
      const counted = TRACES.map(([table, column, of]) => ({
        of,
        statement: sql`SELECT COUNT(*) AS found FROM ${raw(table)} WHERE ${raw(column)} IN (${column === 'node' ? nodes : list})`,
      }));
      const sets = await this.#database.read(counted.map(({ statement }) => statement));
      for (const [index, { of }] of counted.entries()) found[of] += Number(sets[index]?.[0]?.found ?? 0);
    }
    return found;
  }

  /**
   * Removes a person and all that was decided about them. Faces and photographs stay, as nobody's.
   *
   * @returns whether there was one
   */
  async erase(id: string, by: string): Promise<boolean> {
    const erased = await this.#write(async (transaction) => {
      const { session } = transaction;
      const isThere = (await readPerson(session, id)) !== undefined;
      const node = personNode(id);
      const [links = []] = await session.read([
        sql`SELECT person_id, node FROM person_link WHERE person_id = ${text(id)} OR node = ${text(node)}`,
      ]);
      await session.run([
        lookAtLinked(sql`person_id = ${text(id)}`),
        sql`DELETE FROM decision WHERE person_a = ${text(id)}`,
        sql`DELETE FROM decision WHERE person_b = ${text(id)}`,
        sql`DELETE FROM person_link WHERE person_id = ${text(id)} OR node = ${text(node)}`,
        sql`DELETE FROM person WHERE person_id = ${text(id)}`,
        ...['asked_by', 'sought'].map(
          (column) =>
            sql`UPDATE enquiry SET ${raw(column)} = NULL, changed_at = ${text(transaction.at)}, version = version + 1 WHERE ${raw(column)} = ${text(id)}`,
        ),
        ...forgetRecords(id, transaction.at),
      ]);
      for (const row of links)
        transaction.reworded(
          node,
          row.person_id === id ? (row.node as string) : personNode(row.person_id as string),
        );
      if (isThere) transaction.audit({ who: by, action: 'person.erased', about: [subject.person(id)] });
      return isThere;
    });
    await this.#database.forget?.();
    return erased;
  }
}

/** Makes a person inside a transaction, which tells the audit. @returns its id */
export async function insertPerson(
  transaction: PeopleTransaction,
  values: PersonValues,
  by: string,
  chosen?: string,
): Promise<string> {
  const id = chosen ?? transaction.newId();
  const { session, at } = transaction;
  if (await readPerson(session, id)) return id;
  const columns: [string, Parameter][] = [
    ['person_id', text(id)],
    ['entry_date', text(at)],
    ['changed_at', text(at)],
    ['created_by', whoText(by)],
    ['version', int(1)],
    ...columnsOf({ ...UNSAID, ...values }),
  ];
  await session.run([
    sql`INSERT INTO person (${raw(columns.map(([name]) => name).join(', '))}) VALUES (${join(
      columns.map(([, value]) => value),
      ', ',
    )})`,
  ]);
  return id;
}

/**
 * Changes a person inside a transaction, which tells the audit, unless somebody has done so since.
 *
 * @param version that was left; any where null
 * @returns the version it has now; undefined where it is another, or there is no such person
 */
export async function updatePerson(
  { session, at }: PeopleTransaction,
  id: string,
  values: PersonValues,
  version: number | null,
): Promise<number | undefined> {
  const before = await readPerson(session, id);
  if (!before || (version !== null && before.version !== version)) return undefined;
  await session.run([setColumns(id, values, at)]);
  return before.version + 1;
}

function setColumns(id: string, values: PersonValues, at: string): Sql {
  const assignments = columnsOf(values).map(([name, value]) => sql`${raw(name)} = ${value}`);
  return sql`UPDATE person SET ${join([...assignments, sql`version = version + 1`, sql`changed_at = ${text(at)}`], ', ')}
    WHERE person_id = ${text(id)}`;
}

const COLUMNS = raw(
  'person_id, name_key, full_name, alternate_names, sex, date_of_birth, description, source_name, source_date, source_url, entry_date, expiry_date, purpose, legal_basis, minor, hidden, version, created_by, changed_at',
);

async function readPerson(reads: Pick<Session, 'read'>, id: string): Promise<Person | undefined> {
  const [rows] = await reads.read([sql`SELECT ${COLUMNS} FROM person WHERE person_id = ${text(id)}`]);
  return rows?.[0] && toPerson(rows[0]);
}

/** Times are compared as text: in one form, which fits its column whatever fractions of a second were given. */
const timeText = (time: string | null): Parameter =>
  text(time === null ? null : new Date(time).toISOString());

/** What a person is made with where nothing is said of it. */
const UNSAID = { hidden: false, fullName: null } as const satisfies PersonValues;

/** The other columns where nothing is said. */
const NOTHING_SAID = [
  ...['alternate_names', 'sex', 'date_of_birth', 'description', 'source_name', 'source_date', 'source_url'],
  ...['expiry_date', 'purpose', 'legal_basis', 'minor'],
].map((column) => [column, text(null)] as const);

/** Whether these are the faces that a person was made of, and all of them. */
async function areSaid(
  session: Session,
  { id, entryDate }: Person,
  faces: readonly string[],
): Promise<boolean> {
  const anchors = await anchorsOf(session, faces, false);
  const given = new Set(faces.map((face) => anchors.get(face)?.key ?? face));
  const words = await decisionsWhere(
    session,
    sql`person_a = ${text(id)} AND decided_at = ${text(entryDate)} AND kind = 'same'`,
  );
  const said = new Set(words.flatMap((word) => word.faces));
  return said.size === given.size && [...given].every((face) => said.has(face));
}

/** Columns of what is given. */
function columnsOf(values: PersonValues): [string, Parameter][] {
  const flag = (value: boolean | null) => int(value === null ? null : value ? 1 : 0);
  const columns: [string, Parameter | undefined][] = [
    ['full_name', values.fullName === undefined ? undefined : text(values.fullName)],
    ['name_key', values.fullName === undefined ? undefined : text(nameKey(values.fullName))],
    ['alternate_names', values.alternateNames && json(values.alternateNames)],
    ['sex', values.sex === undefined ? undefined : text(values.sex)],
    ['date_of_birth', values.dateOfBirth === undefined ? undefined : text(values.dateOfBirth)],
    ['description', values.description === undefined ? undefined : text(values.description)],
    ['source_name', values.sourceName === undefined ? undefined : text(values.sourceName)],
    ['source_date', values.sourceDate === undefined ? undefined : timeText(values.sourceDate)],
    ['source_url', values.sourceUrl === undefined ? undefined : text(values.sourceUrl)],
    ['expiry_date', values.expiryDate === undefined ? undefined : timeText(values.expiryDate)],
    ['purpose', values.purpose === undefined ? undefined : text(values.purpose)],
    ['legal_basis', values.legalBasis === undefined ? undefined : text(values.legalBasis)],
    ['minor', values.minor === undefined ? undefined : flag(values.minor)],
    ['hidden', values.hidden === undefined ? undefined : flag(values.hidden)],
  ];
  return columns.filter((column): column is [string, Parameter] => column[1] !== undefined);
}

function toPerson(row: Row): Person {
  const given = (name: string) => row[name] as string | null;
  return {
    id: row.person_id as string,
    fullName: given('full_name'),
    alternateNames: JSON.parse(given('alternate_names') ?? '[]') as string[],
    sex: given('sex') as Person['sex'],
    dateOfBirth: given('date_of_birth'),
    description: given('description'),
    sourceName: given('source_name'),
    sourceDate: given('source_date'),
    sourceUrl: given('source_url'),
    entryDate: row.entry_date as string,
    expiryDate: given('expiry_date'),
    purpose: given('purpose'),
    legalBasis: given('legal_basis'),
    minor: row.minor === null ? null : row.minor === 1,
    hidden: row.hidden === 1,
    createdBy: row.created_by as string,
    changedAt: row.changed_at as string,
    version: row.version as number,
  };
}
