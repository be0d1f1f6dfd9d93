import { subject } from '../../audit/subject.ts';
import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Database, Session } from '../../database/database.ts';
import { olderThan } from '../../database/keyset.ts';
import { int, join, raw, type Sql, sql, text } from '../../database/sql.ts';
import { enquiryBatch } from '../../domain/enquiry-batch.ts';
import { tellAgain } from '../../results/outbox.ts';
import { ChangedMeanwhileError, PeopleRefusedError } from '../errors.ts';
import type { People } from '../people.ts';
import { isThere } from '../said-again.ts';
import { setApart } from '../scope.ts';
import type { PeopleTransaction } from '../transaction.ts';
import { whoText } from '../who-column.ts';
import {
  columnsOf,
  ENQUIRY_COLUMNS,
  type Enquiry,
  type EnquiryChange,
  type EnquiryValues,
  NOTHING_SAID,
  toEnquiry,
} from './enquiry.ts';
import { addEvent, type EnquiryEvent, type EventQuery, readEvents } from './events.ts';
import { UnknownEnquiryError } from './over.ts';
import { searchEnquiries } from './search.ts';
import { type SolveOptions, solveEnquiry } from './solve.ts';
import { type EnquiryEnd, type EnquiryState, mayBecome } from './state.ts';

interface EnquiriesDeps extends Pick<SolveOptions, 'needed'> {
  readonly database: Database;
  readonly people: People;
}

/** A photograph of an enquiry. */
interface EnquiryPhotograph {
  imageId: string;
  /** When it was taken, as far as known: YYYY, YYYY-MM or YYYY-MM-DD. */
  taken?: string;
  addedBy: string;
  /** ISO 8601, UTC. */
  addedAt: string;
}

/** A place in the list of enquiries. */
interface EnquiryPosition {
  openedAt: string;
  id: string;
}

/** Who is looked for, by whom, why. */
export class Enquiries {
  readonly #deps: EnquiriesDeps;

  constructor(deps: EnquiriesDeps) {
    this.#deps = deps;
  }

  /**
   * Opens an enquiry. Its photographs come afterwards, into `enquiryBatch(id)`.
   *
   * @param chosen its id; whoever did not get the answer asks again under the same, and it is opened once
   * @throws {PeopleRefusedError} IdTaken
   */
  open(values: EnquiryValues, by: string, chosen?: string): Promise<Enquiry> {
    return this.#deps.people.write(async (transaction) => {
      const { session, at } = transaction;
      const id = chosen ?? transaction.newId();
      const columns = columnsOf(values);
      const said = [...NOTHING_SAID, ...columns, ['opened_by', whoText(by)] as const];
      if (await isThere(session, { table: 'enquiry', key: 'enquiry_id', id }, said))
        return this.#read(session, id);
      await session.run([
        sql`INSERT INTO enquiry (enquiry_id, state, opened_by, opened_at, changed_at, version, ${raw(columns.map(([name]) => name).join(', '))})
          VALUES (${text(id)}, 'open', ${whoText(by)}, ${text(at)}, ${text(at)}, 1, ${join(
            columns.map(([, value]) => value),
            ', ',
          )})`,
        addEvent({ enquiry: id, at, who: by, kind: 'opened', id: transaction.newId() }),
      ]);
      // Its faces are compared with everybody's, and never mixed into a group of the archive by the machine.
      await setApart(session, enquiryBatch(id), transaction.recognition.figures);
      transaction.audit({ who: by, action: 'enquiry.opened', about: [subject.enquiry(id)] });
      return this.#read(session, id);
    });
  }

  /**
   * @param version the one that was read; any where absent
   * @throws {UnknownEnquiryError} @throws {ChangedMeanwhileError}
   */
  change(id: string, change: EnquiryChange, by: string, version?: number): Promise<Enquiry> {
    const columns = columnsOf(change);
    return this.#change(id, version, async (transaction) => {
      const { session, at } = transaction;
      if (columns.length === 0) return;
      const set = join(
        columns.map(([name, value]) => sql`${raw(name)} = ${value}`),
        ', ',
      );
      await session.run([
        sql`UPDATE enquiry SET ${set}, changed_at = ${text(at)}, version = version + 1 WHERE enquiry_id = ${text(id)}`,
        addEvent({
          enquiry: id,
          at,
          who: by,
          kind: 'changed',
          id: transaction.newId(),
          note: Object.keys(change).sort().join(', '),
        }),
      ]);
      transaction.audit({
        who: by,
        action: 'enquiry.changed',
        about: [subject.enquiry(id)],
        detail: { changed: Object.keys(change).sort() },
      });
    });
  }

  /**
   * Ends an enquiry, or takes its end back (`open`): it then stands as its candidates say, and what was not told of
   * meanwhile is told.
   *
   * @throws {PeopleRefusedError} where it cannot become that
   */
  end(id: string, to: EnquiryEnd | 'open', reason: string, by: string, version?: number): Promise<Enquiry> {
    return this.#change(id, version, async (transaction, { state }) => {
      const { session, at } = transaction;
      if (state === to) return;
      if (!mayBecome(state, to)) throw new PeopleRefusedError('EnquiryState', refusal(state, to));
      const ended = to === 'open' ? null : to;
      await session.run([
        sql`UPDATE enquiry SET ended = ${text(ended)}, state = ${text(to)}, reason = ${text(reason)}, changed_at = ${text(at)}, version = version + 1
          WHERE enquiry_id = ${text(id)}`,
        addEvent({
          enquiry: id,
          at,
          who: by,
          kind: 'state',
          id: transaction.newId(),
          from: state,
          to,
          note: reason,
        }),
        ...(to === 'open' ? [tellAgain(id, at)] : []),
      ]);
      await this.#solve(transaction, id);
      transaction.audit({
        who: by,
        action: to === 'open' ? 'enquiry.reopened' : 'enquiry.ended',
        about: [subject.enquiry(id)],
        detail: { from: state, to },
      });
    });
  }

  /** @param chosen the id of what is noted: asked for again under the same, it is noted once @throws {PeopleRefusedError} IdTaken */
  note(id: string, note: string, by: string, chosen?: string): Promise<Enquiry> {
    return this.#change(id, undefined, async (transaction) => {
      const { session, at } = transaction;
      const event = chosen ?? transaction.newId();
      const said = [
        ['enquiry_id', text(id)],
        ['kind', text('note')],
        ['who', whoText(by)],
        ['note', text(note)],
      ] as const;
      if (await isThere(session, { table: 'enquiry_event', key: 'event_id', id: event }, said)) return;
      await session.run([addEvent({ enquiry: id, at, who: by, kind: 'note', note, id: event })]);
      transaction.audit({ who: by, action: 'enquiry.noted', about: [subject.enquiry(id)] });
    });
  }

  /** Writes down that a photograph has come into the enquiry's batch. Safe to repeat. */
  addPhotograph(id: string, imageId: string, taken: string | undefined, by: string): Promise<Enquiry> {
    return this.#change(id, undefined, async (transaction) => {
      const { session, at } = transaction;
      const same = sql`enquiry_id = ${text(id)} AND image_id = ${text(imageId)}`;
      const [there] = await session.read([sql`SELECT taken FROM enquiry_photo WHERE ${same}`]);
      if (there?.length === 1) {
        if (taken !== undefined)
          await session.run([sql`UPDATE enquiry_photo SET taken = ${text(taken)} WHERE ${same}`]);
        return;
      }
      await session.run([
        sql`INSERT INTO enquiry_photo (enquiry_id, image_id, taken, added_by, added_at)
          VALUES (${text(id)}, ${text(imageId)}, ${text(taken)}, ${whoText(by)}, ${text(at)})`,
        addEvent({ enquiry: id, at, who: by, kind: 'photograph', id: transaction.newId() }),
      ]);
      // Whoever was faster than this row has pairs of it already.
      await this.#solve(transaction, id);
      transaction.audit({
        who: by,
        action: 'enquiry.photograph.added',
        about: [subject.enquiry(id), subject.image(imageId)],
      });
    });
  }

  /** Says whether a face in a photograph of the enquiry is who is sought; all are until somebody says otherwise. */
  seekFace(
    id: string,
    face: { key: string; imageId: string },
    isSought: boolean,
    by: string,
  ): Promise<Enquiry> {
    return this.#change(id, undefined, async (transaction) => {
      const { session, at } = transaction;
      const same = sql`enquiry_id = ${text(id)} AND face_key = ${text(face.key)}`;
      await session.run([
        sql`DELETE FROM enquiry_face WHERE ${same}`,
        sql`INSERT INTO enquiry_face (enquiry_id, face_key, image_id, left_out)
          VALUES (${text(id)}, ${text(face.key)}, ${text(face.imageId)}, ${int(isSought ? 0 : 1)})`,
        addEvent({ enquiry: id, at, who: by, kind: 'face', id: transaction.newId() }),
      ]);
      await this.#solve(transaction, id);
      transaction.audit({
        who: by,
        action: 'enquiry.face.chosen',
        about: [subject.enquiry(id), subject.face(face.key)],
        detail: { isSought },
      });
    });
  }

  /** Makes its candidates again: something they follow from was erased. Nothing where it is not there. */
  async refresh(id: string): Promise<void> {
    await this.#deps.people.write((transaction) => this.#solve(transaction, id));
  }

  async get(id: string): Promise<Enquiry | undefined> {
    const [rows] = await this.#deps.database.read([
      sql`SELECT ${raw(ENQUIRY_COLUMNS)} FROM enquiry WHERE enquiry_id = ${text(id)}`,
    ]);
    return rows?.[0] && toEnquiry(rows[0]);
  }

  /** Newest first. */
  async list(query: {
    state?: EnquiryState;
    caseReference?: string;
    owner?: string;
    /** Part of the case reference, or of the name of who is sought, whatever its case and accents. */
    search?: string;
    ended?: boolean;
    after?: EnquiryPosition;
    limit: number;
  }): Promise<Enquiry[]> {
    const { state, caseReference, owner, search, ended, after, limit } = query;
    const where: Sql[] = [sql`1 = 1`];
    if (state !== undefined) where.push(sql`state = ${text(state)}`);
    if (caseReference !== undefined) where.push(sql`case_reference = ${text(caseReference)}`);
    if (owner !== undefined) where.push(sql`owner = ${text(owner)}`);
    if (ended !== undefined) where.push(ended ? sql`ended IS NOT NULL` : sql`ended IS NULL`);
    if (after !== undefined)
      where.push(olderThan(['opened_at', 'enquiry_id'], { at: after.openedAt, id: after.id }));
    if (search === undefined) return this.#newest(join(where, ' AND '), limit);
    const ids = await searchEnquiries(this.#deps.database, where, { words: search, limit });
    const found: Enquiry[] = [];
    for (const some of chunksOf(ids))
      found.push(...(await this.#newest(sql`enquiry_id IN (${listOf(some)})`, some.length)));
    return found;
  }

  async #newest(where: Sql, limit: number): Promise<Enquiry[]> {
    const [rows = []] = await this.#deps.database.read([
      sql`SELECT ${raw(ENQUIRY_COLUMNS)} FROM enquiry WHERE ${where}
        ORDER BY opened_at DESC, enquiry_id DESC${this.#deps.database.dialect.limit(limit)}`,
    ]);
    return rows.map(toEnquiry);
  }

  /** Those that have expired, or that were withdrawn, the first of them: for a timer. */
  async expired(now: string, limit: number): Promise<Enquiry[]> {
    const [rows = []] = await this.#deps.database.read([
      sql`SELECT ${raw(ENQUIRY_COLUMNS)} FROM enquiry WHERE expires <= ${text(now)}
        ORDER BY expires, enquiry_id${this.#deps.database.dialect.limit(limit)}`,
    ]);
    return rows.map(toEnquiry);
  }

  events(id: string, query: EventQuery): Promise<EnquiryEvent[]> {
    return readEvents(this.#deps.database, id, query);
  }

  /** In the order in which they came. */
  async photographs(id: string): Promise<EnquiryPhotograph[]> {
    const [rows = []] = await this.#deps.database.read([
      sql`SELECT image_id, taken, added_by, added_at FROM enquiry_photo WHERE enquiry_id = ${text(id)} ORDER BY added_at, image_id`,
    ]);
    return rows.map((row) => ({
      imageId: row.image_id as string,
      addedBy: row.added_by as string,
      addedAt: row.added_at as string,
      ...(row.taken !== null && { taken: row.taken as string }),
    }));
  }

  /** Faces that are not who is sought. */
  async leftOut(id: string): Promise<Set<string>> {
    const [rows = []] = await this.#deps.database.read([
      sql`SELECT face_key FROM enquiry_face WHERE enquiry_id = ${text(id)} AND left_out = 1`,
    ]);
    return new Set(rows.map(({ face_key }) => face_key as string));
  }

  #change(
    id: string,
    version: number | undefined,
    work: (transaction: PeopleTransaction, before: Enquiry) => Promise<void>,
  ): Promise<Enquiry> {
    return this.#deps.people.write(async (transaction) => {
      const before = await this.#read(transaction.session, id);
      if (version !== undefined && version !== before.version) throw new ChangedMeanwhileError();
      await work(transaction, before);
      return this.#read(transaction.session, id);
    });
  }

  async #read(session: Pick<Session, 'read'>, id: string): Promise<Enquiry> {
    const [rows] = await session.read([
      sql`SELECT ${raw(ENQUIRY_COLUMNS)} FROM enquiry WHERE enquiry_id = ${text(id)}`,
    ]);
    if (!rows?.[0]) throw new UnknownEnquiryError('enquiry');
    return toEnquiry(rows[0]);
  }

  #solve({ session, at, recognition: { model } }: PeopleTransaction, id: string): Promise<void> {
    const { needed } = this.#deps;
    return solveEnquiry(session, id, { at, model, needed });
  }
}

function refusal(from: EnquiryState, to: EnquiryEnd | 'open'): string {
  if (from === 'withdrawn')
    return 'The enquiry was withdrawn, and its faces are out of the lists: open another one.';
  if (to === 'reunited')
    return 'Nobody was found yet: a reunion needs a candidate of which enough people have said that it is the same person.';
  return `The enquiry is ${from}, and cannot become ${to} from there.`;
}
