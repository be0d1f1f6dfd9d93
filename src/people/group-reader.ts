import { chunksOf, listOf } from '../database/chunks.ts';
import type { Database, Row, Session } from '../database/database.ts';
import { int, join, raw, type Sql, sql, text } from '../database/sql.ts';
import { placeOf } from '../results/face-place.ts';
import type { FacePlace } from '../results/pair-view.ts';
import { personOf } from './node.ts';
import { ARCHIVE } from './scope.ts';
import { type Figures, type Threshold, thresholdAmong, thresholdOfBatch } from './threshold.ts';

type Reads = Pick<Session, 'read'>;

/** A face of a group. */
export interface GroupFace extends FacePlace {
  /** `qualityForRecognition`, where the service gave it. */
  quality?: string;
  /** Whether decisions hold it to the group's person, or to the most of its faces; the others are the machine's guess. */
  decided: boolean;
  /** When the photograph was taken, as far as somebody has said: YYYY, YYYY-MM or YYYY-MM-DD. */
  taken?: string;
}

/** A group as a list shows it. */
export interface GroupSummary {
  id: string;
  faces: number;
  /** Of those, held together by decisions. */
  decided: number;
  person?: { id: string; fullName?: string };
  /** Decisions about its faces contradict each other: nothing is joined until somebody settles it. */
  contested: boolean;
  /** The face to show it by. */
  lead: string;
}

/** What the faces of a group have in common, whatever it goes by: the least of them. */
export const keyOf = (groupId: string): Sql =>
  sql`(SELECT k.group_key FROM people_group k WHERE k.group_id = ${text(groupId)} AND k.batch_id = ${text(ARCHIVE)})`;

/** By face the id of its group; a face that is alone is a group of its own. */
async function groupIdsOf(reads: Reads, faces: Iterable<string>): Promise<Map<string, string>> {
  const groups = new Map<string, string>();
  for (const some of chunksOf(faces)) {
    const [rows = []] = await reads.read([
      sql`SELECT g.face_key, COALESCE(p.group_id, g.group_id) AS group_id FROM face_group g
        LEFT JOIN people_group p ON p.group_key = g.group_id AND p.batch_id = ${text(ARCHIVE)} WHERE g.face_key IN (${listOf(some)})`,
    ]);
    const known = new Map(rows.map((row) => [row.face_key as string, row.group_id as string]));
    for (const face of some) groups.set(face, known.get(face) ?? face);
  }
  return groups;
}

/** Faces that people decided are the same person as this one, directly or by way of others; none where they contradict each other. */
async function decidedSame(reads: Reads, face: string): Promise<string[]> {
  const [rows = []] = await reads.read([
    sql`SELECT other.face_key FROM face_group own JOIN face_group other ON other.solid_id = own.solid_id
      WHERE own.face_key = ${text(face)} AND own.contested = 0 AND other.contested = 0 AND other.face_key <> ${text(face)}
      ORDER BY other.face_key`,
  ]);
  return rows.map(({ face_key }) => face_key as string);
}

/** By face the person whose face it is by decisions; faces that are nobody's by name are left out. */
export async function personsOfFaces(reads: Reads, faces: Iterable<string>): Promise<Map<string, string>> {
  const persons = new Map<string, string>();
  for (const some of chunksOf(faces)) {
    const [rows = []] = await reads.read([
      sql`SELECT g.face_key, p.person_id FROM face_group g JOIN people_group p ON p.group_key = g.group_id AND p.batch_id = ${text(ARCHIVE)}
        WHERE g.face_key IN (${listOf(some)}) AND g.contested = 0 AND p.person_id IS NOT NULL
        AND EXISTS (SELECT 1 FROM face_group h JOIN person_link l ON l.node = h.face_key WHERE h.solid_id = g.solid_id AND l.kind = 'same')`,
    ]);
    for (const row of rows) persons.set(row.face_key as string, row.person_id as string);
  }
  return persons;
}

const COLUMNS = `f.face_key, f.image_id, f.rect_left, f.rect_top, f.rect_width, f.rect_height, f.crop, f.quality,
    o.image_url, o.batch_id, o.width, o.height,
    (SELECT MAX(a.taken) FROM face_anchor a WHERE a.current_key = f.face_key) AS taken`;

/**
 * Whoever is in one solid with the face that the group is shown by was decided to be the same. There is one such face; by MAX
 * a server knows it, too, that refuses a subquery which gives two while a group is being written.
 */
const FACES = raw(`SELECT ${COLUMNS}, CASE WHEN g.solid_id = (SELECT MAX(s.solid_id) FROM people_group p
    JOIN face_group s ON s.face_key = p.lead_face WHERE p.group_key = g.group_id AND p.batch_id = '') THEN 1 ELSE 0 END AS decided
  FROM face_group g JOIN face f ON f.face_key = g.face_key JOIN pipeline_output o ON o.id = f.image_id`);

const ALONE = raw(`SELECT ${COLUMNS}, 0 AS decided FROM face f JOIN pipeline_output o ON o.id = f.image_id`);

/** Groups as lists and pages show them. */
export class GroupReader {
  readonly #database: Database;
  readonly #figures: () => Promise<Figures>;

  constructor(database: Database, figures: () => Promise<Figures>) {
    this.#database = database;
    this.#figures = figures;
  }

  idsOf(faces: Iterable<string>): Promise<Map<string, string>> {
    return groupIdsOf(this.#database, faces);
  }

  /** Faces that people decided are the same person as this one; none where decisions contradict each other. */
  decidedSame(face: string): Promise<string[]> {
    return decidedSame(this.#database, face);
  }

  /** Those with the most faces first: of two faces at least, with a person, or contested. */
  async list(query: {
    batchId?: string;
    /** Only those that have a person, or that have none. */
    named?: boolean;
    contested?: boolean;
    after?: { faces: number; id: string };
    limit: number;
  }): Promise<GroupSummary[]> {
    const where: Sql[] = [sql`g.batch_id = ${text(query.batchId ?? ARCHIVE)}`];
    if (query.named !== undefined)
      where.push(query.named ? sql`g.person_id IS NOT NULL` : sql`g.person_id IS NULL`);
    if (query.contested !== undefined) where.push(sql`g.contested = ${int(query.contested ? 1 : 0)}`);
    // Persons that are hidden are asked for by name.
    where.push(sql`NOT EXISTS (SELECT 1 FROM person h WHERE h.person_id = g.person_id AND h.hidden = 1)`);
    if (query.after) {
      const { faces, id } = query.after;
      where.push(sql`g.faces <= ${int(faces)} AND (g.faces < ${int(faces)} OR g.group_id < ${text(id)})`);
    }
    return this.#summaries(
      sql`${join(where, ' AND ')} ORDER BY g.faces DESC, g.group_id DESC${this.#database.dialect.limit(query.limit)}`,
    );
  }

  /** @returns undefined where there is no such group, and no face of this key */
  async get(id: string): Promise<GroupSummary | undefined> {
    const [found] = await this.#summaries(
      sql`g.group_id = ${text(id)} AND g.batch_id = ${text(ARCHIVE)} ORDER BY g.group_id`,
    );
    if (found || personOf(id) !== undefined) return found;
    const [rows = []] = await this.#database.read([
      sql`SELECT face_key FROM face WHERE face_key = ${text(id)} AND NOT EXISTS (SELECT 1 FROM face_group g WHERE g.face_key = face.face_key)`,
    ]);
    return rows.length === 1 ? { id, faces: 1, decided: 0, contested: false, lead: id } : undefined;
  }

  async #summaries(condition: Sql): Promise<GroupSummary[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT g.group_id, g.faces, g.decided, g.person_id, g.contested, g.lead_face, p.full_name
        FROM people_group g LEFT JOIN person p ON p.person_id = g.person_id WHERE ${condition}`,
    ]);
    return rows.map((row) => ({
      id: row.group_id as string,
      faces: row.faces as number,
      decided: row.decided as number,
      ...(row.person_id !== null && {
        person: {
          id: row.person_id as string,
          ...(row.full_name !== null && { fullName: row.full_name as string }),
        },
      }),
      contested: row.contested === 1,
      lead: row.lead_face as string,
    }));
  }

  /** Faces of a group by their keys: one page. Such as are found no more, though they were decided, have no image to show. */
  async faces(group: GroupSummary, page: { after?: string; limit: number }): Promise<GroupFace[]> {
    const [rows = [], alone = []] = await this.#database.read([
      this.#facesOf(group, page),
      // A face that is alone has no row among the grouped.
      sql`${ALONE} WHERE f.face_key = ${text(group.faces === 1 && page.after === undefined ? group.id : '')}
        AND NOT EXISTS (SELECT 1 FROM face_group h WHERE h.face_key = f.face_key)`,
    ]);
    return [...rows, ...alone].map((row) => toFace(row, group.decided > 0));
  }

  /** A few faces of each group, the one to show it by first. */
  async someFaces(groups: readonly GroupSummary[], limit: number): Promise<Map<string, GroupFace[]>> {
    const sets = await this.#database.read(
      groups.flatMap((group) => [
        sql`${FACES} WHERE g.face_key = ${text(group.lead)}`,
        this.#facesOf(group, { limit }),
      ]),
    );
    return new Map(
      groups.map((group, index) => {
        const [lead = [], others = []] = [sets[2 * index], sets[2 * index + 1]];
        const rows = [...lead, ...others.filter(({ face_key }) => face_key !== group.lead)];
        return [group.id, rows.slice(0, limit).map((row) => toFace(row, group.decided > 0))];
      }),
    );
  }

  #facesOf({ id }: GroupSummary, { after = '', limit }: { after?: string; limit: number }): Sql {
    return sql`${FACES} WHERE g.group_id = ${keyOf(id)} AND g.face_key > ${text(after)}
      ORDER BY g.face_key${this.#database.dialect.limit(limit)}`;
  }

  /** From how sure on the machine joins faces by itself, in a batch or in the whole archive. */
  async threshold(batchId?: string): Promise<Threshold> {
    const batch = batchId ?? ARCHIVE;
    const [rows = []] = await this.#database.read([
      sql`SELECT SUM(faces) AS faces FROM batch_count WHERE batch_id = ${text(batch)}`,
    ]);
    const faces = Number(rows[0]?.faces ?? 0);
    const figures = await this.#figures();
    return batch === ARCHIVE ? thresholdAmong(faces, figures) : thresholdOfBatch(faces, figures);
  }
}

function toFace(row: Row, hasDecided: boolean): GroupFace {
  return {
    ...placeOf(row),
    ...(row.quality !== null && { quality: row.quality as string }),
    decided: hasDecided && row.decided === 1,
    ...(row.taken !== null && { taken: row.taken as string }),
  };
}
