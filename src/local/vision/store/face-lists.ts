import type { DatabaseSync } from 'node:sqlite';
import { FaceprintIndex, type Neighbour, type SearchOptions } from '../face/faceprint-index.ts';
import { LargeIndexes } from '../face/large-indexes.ts';
import type { TrainingState } from '../face/training.ts';
import { emptyLog, fromBlob, toBlob } from './database.ts';
import { hasIndex, indexPath, LargeList } from './large-list.ts';

export type ListKind = 'faceList' | 'largeFaceList';

export interface FaceList {
  key: number;
  id: string;
  name: string;
  userData: string | null;
  recognitionModel: string;
  state: TrainingState;
}

interface PersistedFace {
  persistedFaceId: string;
  userData: string | null;
}

type Row = Record<string, unknown>;

/** Faces up to which a list is searched where the calls are answered: a matter of some milliseconds. */
const FEW = 10_000;

interface FaceListsOptions {
  /** Where indexes of large lists are kept; in memory when left out. */
  dataDir?: string | undefined;
  /** Faces from which a list has a thread and a file of its own. */
  few?: number;
}

/** FaceLists and LargeFaceLists with their faces: on disk, and in memory an index of each list that was searched. */
export class FaceLists {
  readonly #db: DatabaseSync;
  readonly #dataDir: string | undefined;
  readonly #few: number;
  readonly #indexes = new Map<number, FaceprintIndex>();
  readonly #large = new Map<number, LargeList>();
  readonly #sizes = new Map<number, number>();
  readonly #thread = new LargeIndexes();

  constructor(db: DatabaseSync, { dataDir, few = FEW }: FaceListsOptions = {}) {
    this.#db = db;
    this.#dataDir = dataDir;
    this.#few = few;
  }

  async close(): Promise<void> {
    for (const large of this.#large.values()) await large.close();
    await this.#thread.close();
  }

  find(kind: ListKind, id: string): FaceList | undefined {
    const row = this.#db.prepare('SELECT * FROM face_list WHERE kind = ? AND id = ?').get(kind, id);
    return row && toList(row);
  }

  /** In order of id, those after `start`. */
  page(kind: ListKind, start: string, top: number): FaceList[] {
    return this.#db
      .prepare('SELECT * FROM face_list WHERE kind = ? AND id > ? ORDER BY id LIMIT ? + 0')
      .all(kind, start, top)
      .map(toList);
  }

  count(kind: ListKind): number {
    const row = this.#db.prepare('SELECT count(*) AS n FROM face_list WHERE kind = ?').get(kind);
    return Number(row?.n);
  }

  create(
    kind: ListKind,
    list: { id: string; name: string; userData: string | null; recognitionModel: string },
  ): void {
    this.#db
      .prepare('INSERT INTO face_list (kind, id, name, user_data, recognition_model) VALUES (?, ?, ?, ?, ?)')
      .run(kind, list.id, list.name, list.userData, list.recognitionModel);
  }

  update(list: FaceList, name: string, userData: string | null): void {
    this.#db
      .prepare('UPDATE face_list SET name = ?, user_data = ? WHERE key = ?')
      .run(name, userData, list.key);
  }

  async delete(list: FaceList): Promise<void> {
    // The index first: once the database has forgotten the list, nobody would look for its file.
    await this.#largeOf(list)?.drop();
    this.#large.delete(list.key);
    this.#db.prepare('DELETE FROM face_list WHERE key = ?').run(list.key);
    emptyLog(this.#db);
    this.#indexes.delete(list.key);
    this.#sizes.delete(list.key);
  }

  saveTraining(list: FaceList, { training, previous }: TrainingState): void {
    this.#db
      .prepare(
        'UPDATE face_list SET training_started = ?, training_ends = ?, training_faces = ?, training_seq = ?, ' +
          'trained_seq = ?, trained_at = ? WHERE key = ?',
      )
      .run(
        training?.started ?? null,
        training?.ends ?? null,
        training?.faces ?? null,
        training?.seq ?? null,
        previous?.seq ?? null,
        previous?.at ?? null,
        list.key,
      );
  }

  addFace(list: FaceList, id: string, userData: string | null, faceprint: ArrayLike<number>): void {
    const size = this.size(list);
    const { lastInsertRowid } = this.#db
      .prepare('INSERT INTO persisted_face (list, id, user_data, faceprint) VALUES (?, ?, ?, ?)')
      .run(list.key, id, userData, toBlob(faceprint));
    const seq = Number(lastInsertRowid);
    this.#sizes.set(list.key, size + 1);
    this.#indexes.get(list.key)?.add(seq, id, faceprint);
    this.#largeOf(list)?.add(seq, faceprint);
  }

  findFace(list: FaceList, id: string): PersistedFace | undefined {
    const row = this.#db
      .prepare('SELECT id, user_data FROM persisted_face WHERE list = ? AND id = ?')
      .get(list.key, id.toLowerCase());
    return row && toFace(row);
  }

  /** In order of id, those after `start`. */
  pageFaces(list: FaceList, start: string, top: number): PersistedFace[] {
    return this.#db
      .prepare('SELECT id, user_data FROM persisted_face WHERE list = ? AND id > ? ORDER BY id LIMIT ? + 0')
      .all(list.key, start.toLowerCase(), top)
      .map(toFace);
  }

  updateFace(list: FaceList, id: string, userData: string | null): void {
    this.#db
      .prepare('UPDATE persisted_face SET user_data = ? WHERE list = ? AND id = ?')
      .run(userData, list.key, id.toLowerCase());
  }

  /** The face is gone from memory and disk when this settles. */
  async deleteFace(list: FaceList, id: string): Promise<void> {
    const find = 'SELECT seq FROM persisted_face WHERE list = ? AND id = ?';
    const row = this.#db.prepare(find).get(list.key, id.toLowerCase());
    // The index before the database: after a crash between them the face is still known, and can be deleted again.
    if (row) await this.#largeOf(list)?.wipe(Number(row.seq));
    const size = this.size(list);
    const { changes } = this.#db
      .prepare('DELETE FROM persisted_face WHERE list = ? AND id = ?')
      .run(list.key, id.toLowerCase());
    emptyLog(this.#db);
    this.#sizes.set(list.key, size - Number(changes));
    this.#indexes.get(list.key)?.remove(id.toLowerCase());
  }

  /** Faces in the list. */
  size(list: FaceList): number {
    const known = this.#sizes.get(list.key);
    if (known !== undefined) return known;
    const row = this.#db.prepare('SELECT count(*) AS n FROM persisted_face WHERE list = ?').get(list.key);
    this.#sizes.set(list.key, Number(row?.n));
    return Number(row?.n);
  }

  /** Nearest first; of equally near faces the one enrolled first. */
  async nearest(list: FaceList, query: ArrayLike<number>, search: SearchOptions): Promise<Neighbour[]> {
    const large = this.#largeOf(list);
    return large ? large.nearest(query, search) : this.#index(list).nearest(query, search);
  }

  /** The sequence number of the newest face: a training's snapshot. 0 for an empty list. */
  newestSeq(list: FaceList): number {
    const row = this.#db
      .prepare('SELECT coalesce(max(seq), 0) AS seq FROM persisted_face WHERE list = ?')
      .get(list.key);
    return Number(row?.seq);
  }

  /** A list that has once been large stays with its thread and its file. */
  #largeOf(list: FaceList): LargeList | undefined {
    const known = this.#large.get(list.key);
    if (known) return known;
    const path = this.#dataDir === undefined ? undefined : indexPath(this.#dataDir, list.key);
    if (this.size(list) <= this.#few && !hasIndex(path)) return undefined;
    const large = new LargeList(this.#db, this.#thread, list.key, path);
    this.#large.set(list.key, large);
    this.#indexes.delete(list.key);
    return large;
  }

  /** Read from disk at the first use. */
  #index(list: FaceList): FaceprintIndex {
    const known = this.#indexes.get(list.key);
    if (known) return known;
    const index = new FaceprintIndex();
    const rows = this.#db
      .prepare('SELECT seq, id, faceprint FROM persisted_face WHERE list = ? ORDER BY seq')
      .iterate(list.key);
    for (const row of rows)
      index.add(row.seq as number, row.id as string, fromBlob(row.faceprint as Uint8Array));
    this.#indexes.set(list.key, index);
    return index;
  }
}

function toList(row: Row): FaceList {
  return {
    key: row.key as number,
    id: row.id as string,
    name: row.name as string,
    userData: row.user_data as string | null,
    recognitionModel: row.recognition_model as string,
    state: {
      training:
        row.training_started === null
          ? undefined
          : {
              started: row.training_started as number,
              ends: row.training_ends as number,
              faces: row.training_faces as number,
              seq: row.training_seq as number,
            },
      previous:
        row.trained_seq === null
          ? undefined
          : { seq: row.trained_seq as number, at: row.trained_at as number },
    },
  };
}

function toFace(row: Row): PersistedFace {
  return { persistedFaceId: row.id as string, userData: row.user_data as string | null };
}
