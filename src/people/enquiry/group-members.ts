import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Session } from '../../database/database.ts';
import { type Sql, sql, text } from '../../database/sql.ts';
import { enquiryOfBatch } from '../../domain/enquiry-batch.ts';
import { byKey } from '../node.ts';
import type { Moved, Place } from '../places.ts';
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
  readonly #before: ReadonlyMap<string, Place>;
  #formerly: Map<string, Set<string>> | undefined;

  /** @param moved where faces were and are, where that is known */
  constructor(session: Pick<Session, 'read'>, moved?: Moved) {
    this.#session = session;
    this.#before = moved?.before ?? new Map();
    for (const [face, { group, image, batch }] of moved?.after ?? [])
      this.#add(group, batch, { face, image });
    for (const members of this.#members.values()) members.sort(inOrder);
  }

  /** Whom a face was in one group with, before what has changed; undefined where that is not known. */
  before(face: string): ReadonlySet<string> | undefined {
    const place = this.#before.get(face);
    if (place === undefined) return undefined;
    if (this.#formerly === undefined) {
      this.#formerly = new Map();
      for (const [one, { group, batch }] of this.#before) {
        if (enquiryOfBatch(batch) !== undefined) continue;
        const some = this.#formerly.get(group);
        if (some) some.add(one);
        else this.#formerly.set(group, new Set([one]));
      }
    }
    return this.#formerly.get(place.group);
  }

  #add(group: string, batch: string, member: Member): void {
    this.#groups.set(member.face, group);
    const [all, one] =
      enquiryOfBatch(batch) === undefined ? [this.#members, member] : [this.#others, member.face];
    const some = (all as Map<string, (typeof one)[]>).get(group);
    if (some) some.push(one);
    else (all as Map<string, (typeof one)[]>).set(group, [one]);
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
      for (const { group_id } of rows) groups.add(group_id as string);
      for (const face of some) this.#groups.set(face, undefined);
    }
    for (const some of chunksOf(groups)) {
      const [rows = []] = await this.#session.read([
        sql`SELECT group_id, face_key, image_id, batch_id FROM face_group WHERE group_id IN (${listOf(some)})`,
      ]);
      for (const row of rows)
        this.#add(row.group_id as string, row.batch_id as string, {
          face: row.face_key as string,
          image: row.image_id as string,
        });
      for (const group of some) this.#members.get(group)?.sort(inOrder);
    }
    return (face) => this.#members.get(this.#groups.get(face) ?? '');
  }
}

const inOrder = (one: Member, two: Member): number => byKey(one.face, two.face);
