import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Session } from '../../database/database.ts';
import { sql } from '../../database/sql.ts';
import { enquiryOfBatch } from '../../domain/enquiry-batch.ts';
import { byKey } from '../node.ts';
import type { Moved, Place } from '../places.ts';
import type { Member, Members } from './make.ts';

/**
 * Members of groups, without faces of enquiries: those were joined by people's words, and are no candidates. Each group is
 * read once, and all who ask for it get the same members, in order.
 */
export class GroupMembers {
  readonly #session: Pick<Session, 'read'>;
  readonly #moved: Moved;
  /** By face, its group; none of a face that is alone. */
  readonly #groups = new Map<string, string | undefined>();
  readonly #members = new Map<string, [Member, ...Member[]]>();
  /** Faces that had a place before what has just changed, and have none: they are alone now, or no more. */
  readonly left: readonly string[];
  #formerly: Map<string, Set<string>> | undefined;

  /** @param moved where faces were before what has just changed, and are now */
  constructor(session: Pick<Session, 'read'>, moved: Moved = { before: new Map(), after: new Map() }) {
    this.#session = session;
    this.#moved = moved;
    this.left = [...moved.before.keys()].filter((face) => !moved.after.has(face));
    for (const [face, place] of moved.after) this.#add(face, place);
    for (const members of this.#members.values()) members.sort(inOrder);
  }

  #add(face: string, { group, batch, image }: Pick<Place, 'group' | 'batch' | 'image'>): void {
    this.#groups.set(face, group);
    if (enquiryOfBatch(batch) !== undefined) return;
    const some = this.#members.get(group);
    if (some) some.push({ face, image });
    else this.#members.set(group, [{ face, image }]);
  }

  /**
   * Whom a group had before what has just changed, by the keys of then: the same set each time.
   *
   * @param face one that was in it, for a face that was alone has no row
   * @returns undefined where nothing has changed about it
   */
  formerly(group: string, face: string): ReadonlySet<string> | undefined {
    const { before, after } = this.#moved;
    if (this.#formerly === undefined) {
      this.#formerly = new Map();
      for (const [one, { group: id, batch }] of before) {
        if (enquiryOfBatch(batch) !== undefined) continue;
        const some = this.#formerly.get(id);
        if (some) some.add(one);
        else this.#formerly.set(id, new Set([one]));
      }
    }
    const known = this.#formerly.get(group);
    if (known !== undefined) return known;
    return after.has(face) && !before.has(face) ? new Set([face]) : undefined;
  }

  /** The group of a face that was asked for, by its least face; itself where it is alone. */
  idOf(face: string): string {
    return this.#groups.get(face) ?? face;
  }

  async of(faces: readonly string[]): Promise<(face: string) => Members | undefined> {
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
        this.#add(row.face_key as string, {
          group: row.group_id as string,
          batch: row.batch_id as string,
          image: row.image_id as string,
        });
      for (const group of some) this.#members.get(group)?.sort(inOrder);
    }
    return (face) => this.#members.get(this.#groups.get(face) ?? '');
  }

  /** Members of a group, where one of its faces was asked for; none of a face that is alone. */
  known(group: string): Members | undefined {
    return this.#members.get(group);
  }
}

const inOrder = (one: Member, two: Member): number => byKey(one.face, two.face);
