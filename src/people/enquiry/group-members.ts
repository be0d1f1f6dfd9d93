import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Session } from '../../database/database.ts';
import { type Sql, sql, text } from '../../database/sql.ts';
import { enquiryOfBatch } from '../../domain/enquiry-batch.ts';
import { byKey } from '../node.ts';
import type { Place } from '../places.ts';
import type { Member } from './make.ts';

/** Of a statement's parameters. */
const MOST_OTHERS = 400;

/**
 * Members of groups, without faces of enquiries: those were joined by people's words, and are no candidates. Each group is
 * read once, and all who ask for it get the same members, in order.
 */
export class GroupMembers {
  readonly #session: Pick<Session, 'read'>;
  /** By face, its group; none of a face that is alone. */
  readonly #groups = new Map<string, string | undefined>();
  readonly #members = new Map<string, Member[]>();
  /** By group, its faces of enquiries. */
  readonly #others = new Map<string, string[]>();
  readonly #places: ReadonlyMap<string, Place>;
  #before: Map<string, Set<string>> | undefined;

  /** @param places where faces were before what has changed, where that is known */
  constructor(session: Pick<Session, 'read'>, places: ReadonlyMap<string, Place> = new Map()) {
    this.#session = session;
    this.#places = places;
  }

  /** Whom a face was in one group with, before what has changed; undefined where that is not known. */
  before(face: string): ReadonlySet<string> | undefined {
    const place = this.#places.get(face);
    if (place === undefined) return undefined;
    if (this.#before === undefined) {
      this.#before = new Map();
      for (const [one, { group, batch }] of this.#places) {
        if (enquiryOfBatch(batch) !== undefined) continue;
        const some = this.#before.get(group);
        if (some) some.add(one);
        else this.#before.set(group, new Set([one]));
      }
    }
    return this.#before.get(place.group);
  }

  /**
   * That a row of `face_group` is one of these members.
   *
   * @param members as they were given
   * @returns undefined where they are no group, or cannot be told by so few words
   */
  rowsOf(members: readonly Member[]): Sql | undefined {
    for (const [group, given] of this.#members) {
      if (given !== members) continue;
      const others = this.#others.get(group) ?? [];
      if (others.length === 0) return sql`group_id = ${text(group)}`;
      return others.length > MOST_OTHERS
        ? undefined
        : sql`group_id = ${text(group)} AND face_key NOT IN (${listOf(others)})`;
    }
    return undefined;
  }

  async of(faces: readonly string[]): Promise<(face: string) => readonly Member[] | undefined> {
    const unknown = new Set(faces.filter((face) => !this.#groups.has(face)));
    const groups = new Set<string>();
    for (const some of chunksOf(unknown)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT face_key, group_id FROM face_group WHERE face_key IN (${listOf(some)})`,
      ]);
      for (const row of rows) {
        this.#groups.set(row.face_key as string, row.group_id as string);
        if (!this.#members.has(row.group_id as string)) groups.add(row.group_id as string);
      }
      for (const face of some) if (!this.#groups.has(face)) this.#groups.set(face, undefined);
    }
    for (const some of chunksOf(groups)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT group_id, face_key, image_id, batch_id FROM face_group WHERE group_id IN (${listOf(some)})`,
      ]);
      for (const row of rows) {
        if (enquiryOfBatch(row.batch_id as string) !== undefined) {
          const others = this.#others.get(row.group_id as string) ?? [];
          others.push(row.face_key as string);
          this.#others.set(row.group_id as string, others);
          continue;
        }
        const members = this.#members.get(row.group_id as string) ?? [];
        members.push({ face: row.face_key as string, image: row.image_id as string });
        this.#members.set(row.group_id as string, members);
      }
      for (const group of some) this.#members.get(group)?.sort((one, two) => byKey(one.face, two.face));
    }
    return (face) => this.#members.get(this.#groups.get(face) ?? '');
  }
}
