import { listOf } from '../../database/chunks.ts';
import type { Database, Session } from '../../database/database.ts';
import { sql, text } from '../../database/sql.ts';
import type { Clock } from '../../domain/ports.ts';
import type { Rectangle } from '../../domain/rectangle.ts';
import { lockCounted } from '../../results/count-changes.ts';
import { markDirty } from '../../results/dirty.ts';
import { erasedAmong } from '../../results/erased.ts';
import { rectangleOf } from '../../results/face-place.ts';
import { lookLater } from '../../results/faceprint-looks.ts';
import { PairChanges, type PairReport } from '../../results/pairs.ts';
import { type RecognitionState, readRecognition } from '../../results/recognition-state.ts';

/** An image whose faces are to be enrolled and searched for with another model than they were. */
export interface ModelTask {
  readonly imageId: string;
  /** Set before it was read: whoever marks it again meanwhile is heard. */
  readonly marks: readonly string[];
  /** Absent where the image has no row any more. */
  readonly image?: {
    readonly batchId: string;
    readonly imageUrl: string;
    readonly run: number;
    readonly faces: readonly { key: string; rectangle: Rectangle }[];
  };
}

/** How far a list is. */
export interface ModelProgress {
  readonly left: number;
  /** Images that cannot be enrolled anew, by why. */
  readonly problems: readonly { code: string; images: number }[];
}

/** The images that a switch of models, or a photograph that came in between, has left to be done. */
export class ModelWorkList {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  async progress(): Promise<ModelProgress> {
    const [rows = []] = await this.#database.read([
      sql`SELECT problem, COUNT(*) AS images FROM (SELECT DISTINCT image_id, problem FROM model_todo) t GROUP BY problem`,
    ]);
    const of = (code: unknown) => rows.find(({ problem }) => problem === code)?.images;
    return {
      left: Number(of(null) ?? 0),
      problems: rows
        .flatMap(({ problem, images }) =>
          typeof problem === 'string' ? [{ code: problem, images: Number(images) }] : [],
        )
        .sort((a, b) => b.images - a.images),
    };
  }

  /** The next images, those marked first before the others. */
  async next(limit: number): Promise<ModelTask[]> {
    const [marked = []] = await this.#database.read([
      sql`SELECT image_id, MIN(marked_at) AS since FROM model_todo WHERE problem IS NULL GROUP BY image_id
        ORDER BY MIN(marked_at), image_id${this.#database.dialect.limit(limit)}`,
    ]);
    const ids = marked.map(({ image_id }) => image_id as string);
    if (ids.length === 0) return [];
    const [marks = [], images = [], faces = []] = await this.#database.read([
      sql`SELECT mark, image_id FROM model_todo WHERE image_id IN (${listOf(ids)})`,
      sql`SELECT id, batch_id, image_url, run FROM pipeline_output WHERE id IN (${listOf(ids)})`,
      sql`SELECT face_key, image_id, rect_left, rect_top, rect_width, rect_height FROM face WHERE enrolled = 1 AND image_id IN (${listOf(ids)})
        ORDER BY face_key`,
    ]);
    return ids.map((imageId) => {
      const row = images.find(({ id }) => id === imageId);
      return {
        imageId,
        marks: marks.filter(({ image_id }) => image_id === imageId).map(({ mark }) => mark as string),
        ...(row && {
          image: {
            batchId: row.batch_id as string,
            imageUrl: row.image_url as string,
            run: row.run as number,
            faces: faces
              .filter(({ image_id }) => image_id === imageId)
              .map((face) => ({ key: face.face_key as string, rectangle: rectangleOf(face) })),
          },
        }),
      };
    });
  }

  /** Whether the image has been erased, or has no row any more. */
  async isGone({ imageId }: ModelTask): Promise<boolean> {
    if ((await erasedAmong(this.#database, new Set([imageId]))).size > 0) return true;
    const [rows = []] = await this.#database.read([
      sql`SELECT id FROM pipeline_output WHERE id = ${text(imageId)}`,
    ]);
    return rows.length === 0;
  }

  /** Nothing is to be done of it. */
  async drop(task: ModelTask): Promise<void> {
    await this.#database.write((session) => session.run([removeMarks(task)]));
  }

  /** It cannot be done, and why; it is not tried again. */
  async refuse(task: ModelTask, code: string): Promise<void> {
    await this.#database.write((session) =>
      session.run([
        sql`UPDATE model_todo SET problem = ${text(code.slice(0, 128))} WHERE image_id = ${text(task.imageId)} AND mark IN (${listOf(task.marks)})`,
      ]),
    );
  }

  /**
   * Keeps the pairs that an image's faces were found in, and takes it off the list, all or nothing. They are not kept where the
   * switch has moved on meanwhile, or the image: then it is done again.
   *
   * @param state as it was when the work began
   * @returns `gone`: the image was erased meanwhile, and what was enrolled of it has to go; `later`: not kept
   */
  async keep(
    task: ModelTask,
    found: PairReport,
    state: RecognitionState,
  ): Promise<'kept' | 'gone' | 'later'> {
    const isNext = found.model === state.next;
    const images = new Set([task.imageId, ...found.matches.map(({ otherImage }) => otherImage)]);
    return this.#database
      .write(async (session) => {
        const before = (await lockCounted(session, [task.imageId])).get(task.imageId);
        if (before === undefined) return 'gone';
        if (before.run !== task.image?.run) return 'later';
        const at = new Date(this.#clock()).toISOString();
        const erased = await erasedAmong(session, images);
        if (erased.has(task.imageId)) return 'gone';
        const matches = found.matches.filter(({ otherImage }) => !erased.has(otherImage));
        const changes = await PairChanges.of(
          session,
          { ...found, matches },
          false,
          isNext ? 'model_pair' : 'face_match',
        );
        await changes.run(session, [
          ...(isNext ? [] : [markDirty(task.imageId, at, matches.length > 0)]),
          lookLater(task.imageId, at),
          removeMarks(task),
        ]);
        if (!(await this.#isStill(session, state))) throw new MovedOn();
        // Read last: an erasure that commits its tombstone later waits for these rows, and takes them.
        const now = await erasedAmong(session, images);
        if (now.size > erased.size) throw new MovedOn();
        return 'kept' as const;
      })
      .catch((error: unknown) => {
        if (error instanceof MovedOn) return 'later' as const;
        throw error;
      });
  }

  /** Changing the row waits for whoever exchanges pairs, and has them wait for this. */
  async #isStill(session: Session, state: RecognitionState): Promise<boolean> {
    await session.run([sql`UPDATE recognition SET changes = changes + 1 WHERE id = 1`]);
    const now = await readRecognition(session);
    return (
      now.active === state.active &&
      now.next === state.next &&
      now.phase !== 'exchanging' &&
      (state.next === undefined || now.switchId === state.switchId)
    );
  }
}

/** Ends the transaction, which then has done nothing. */
class MovedOn extends Error {}

const removeMarks = ({ imageId, marks }: ModelTask) =>
  sql`DELETE FROM model_todo WHERE image_id = ${text(imageId)} AND mark IN (${listOf(marks)})`;
