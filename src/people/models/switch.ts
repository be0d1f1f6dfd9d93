import { randomUUID } from 'node:crypto';
import type { Database, Session } from '../../database/database.ts';
import { int, type Sql, sql, text } from '../../database/sql.ts';
import type { Clock } from '../../domain/ports.ts';
import { lookAtAllPairs } from '../../results/faceprint-looks.ts';
import { type RecognitionState, readRecognition } from '../../results/recognition-state.ts';
import { PeopleRefusedError } from '../errors.ts';
import { whoText } from '../who-column.ts';

/**
 * A switch from one model of recognition to another, as the database keeps it. Nothing here calls a service.
 *
 * Every change begins at the one row of `recognition`, so that they take turns with each other and with whoever keeps pairs of the
 * next model (`work-list.ts`). The pairs are exchanged in a transaction of its own, after one that has said so: a save that
 * looks at that row when it has written everything either sees it, or is waited for.
 */
export class ModelSwitch {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  state(): Promise<RecognitionState> {
    return readRecognition(this.#database);
  }

  /**
   * Begins to enrol the archive anew: every image that has a faceprint is put on the list, and every image that is saved from
   * here on.
   *
   * @throws {PeopleRefusedError} where a switch is under way, or this is the model in use
   */
  start(model: string, by: string): Promise<RecognitionState> {
    const id = randomUUID();
    return this.#change(async (session, { active, phase, next, former }, at) => {
      if (active === model)
        throw new PeopleRefusedError('ModelInUse', `${model} is the model in use already.`);
      if (phase !== 'steady')
        throw new PeopleRefusedError(
          'ModelSwitchUnderWay',
          phase === 'retiring'
            ? `What was enrolled with ${former} is still being removed: a switch can begin some minutes from now.`
            : `A switch to ${next} is under way: finish it or give it up first.`,
        );
      await session.run([
        sql`DELETE FROM model_todo`,
        sql`DELETE FROM model_pair`,
        sql`INSERT INTO model_todo (mark, image_id, marked_at) SELECT DISTINCT ${text(id)}, image_id, ${text(at)} FROM face WHERE enrolled = 1`,
        sql`UPDATE recognition SET next_model = ${text(model)}, phase = 'enrolling', paused = 0, switch_id = ${text(id)}, started_at = ${text(at)},
          started_by = ${whoText(by)}, images = (SELECT COUNT(*) FROM model_todo) WHERE id = 1`,
      ]);
    });
  }

  /** @throws {PeopleRefusedError} where there is none to pause */
  pause(paused: boolean): Promise<RecognitionState> {
    return this.#change(async (session, state) => {
      requireSwitch(state);
      await session.run([sql`UPDATE recognition SET paused = ${int(paused ? 1 : 0)} WHERE id = 1`]);
    });
  }

  /**
   * The next model takes the place of the one in use. What its pairs make of groups and candidates follows within a minute;
   * what people decided stands, for it is about faces and not about scores.
   *
   * @throws {PeopleRefusedError} where images that were there when it began are not enrolled yet
   */
  async finish(): Promise<RecognitionState> {
    await this.#change(async (session, state) => {
      requireSwitch(state);
      const [[left] = []] = await session.read([
        sql`SELECT COUNT(*) AS images FROM model_todo WHERE mark = ${text(state.switchId)} AND problem IS NULL`,
      ]);
      const images = Number(left?.images ?? 0);
      if (images > 0)
        throw new PeopleRefusedError(
          'ModelSwitchUnfinished',
          `${images} ${images === 1 ? 'photograph is' : 'photographs are'} not enrolled with ${state.next} yet: wait, or give the switch up.`,
        );
      await session.run([sql`UPDATE recognition SET phase = 'exchanging', paused = 0 WHERE id = 1`]);
    });
    return this.exchange();
  }

  /** The second half of `finish`, for whoever finds that the first was all there was time for. */
  exchange(): Promise<RecognitionState> {
    return this.#change(async (session, { phase, active, next, switchId = '' }, at) => {
      if (phase !== 'exchanging') return;
      await session.run([
        ...markAllOf('face_match', `${switchId.slice(0, 34)}-a`, at),
        ...markAllOf('model_pair', `${switchId.slice(0, 34)}-b`, at),
        lookAtAllPairs(),
        sql`DELETE FROM face_match`,
        exchangePairs,
        sql`DELETE FROM model_pair`,
        // Thresholds follow from the figures of a model: of no size, each is made again at the next look.
        sql`UPDATE group_scope SET faces = 0`,
        sql`UPDATE recognition SET active_model = ${text(next)}, next_model = NULL, former_model = ${text(active)}, phase = 'retiring', paused = 0 WHERE id = 1`,
      ]);
    });
  }

  /**
   * Gives the switch up: what was found with the next model goes, what is found with the one in use was never touched.
   *
   * @throws {PeopleRefusedError} where there is none to give up
   */
  abandon(): Promise<RecognitionState> {
    return this.#change(async (session, state) => {
      requireSwitch(state);
      await session.run([
        sql`DELETE FROM model_pair`,
        sql`DELETE FROM model_todo`,
        sql`UPDATE recognition SET next_model = NULL, former_model = ${text(state.next)}, phase = 'retiring', paused = 0 WHERE id = 1`,
      ]);
    });
  }

  /** What was enrolled with the former model has gone. */
  retired(former: string): Promise<RecognitionState> {
    return this.#change(async (session, state) => {
      if (state.phase !== 'retiring' || state.former !== former) return;
      await session.run([sql`UPDATE recognition SET former_model = NULL, phase = 'steady' WHERE id = 1`]);
    });
  }

  async #change(
    work: (session: Session, state: RecognitionState, at: string) => Promise<void>,
  ): Promise<RecognitionState> {
    return this.#database.write(async (session) => {
      await session.run([sql`UPDATE recognition SET changes = changes + 1 WHERE id = 1`]);
      const before = await readRecognition(session);
      const at = new Date(this.#clock()).toISOString();
      await work(session, before, at);
      const after = await readRecognition(session);
      if (after.phase === before.phase) return after;
      await session.run([sql`UPDATE recognition SET changed_at = ${text(at)} WHERE id = 1`]);
      return { ...after, changedAt: at };
    });
  }
}

function requireSwitch({ phase, next }: RecognitionState): void {
  if (phase === 'enrolling') return;
  throw new PeopleRefusedError(
    'ModelSwitchNone',
    phase === 'exchanging'
      ? `The switch to ${next} is being finished: it cannot be called back. Switch again once it is through.`
      : 'No switch of models is under way.',
  );
}

const SHARED = `face_a, face_b, image_a, image_b, image_url_a, image_url_b, rect_a_left, rect_a_top, rect_a_width, rect_a_height,
  rect_b_left, rect_b_top, rect_b_width, rect_b_height, confidence, confidence_a, confidence_b, margin_a, margin_b, reported_by_a,
  reported_by_b, first_seen, enquiry, model`;

/** What people said of the pairs meanwhile stands in their log: it comes along from there. */
const exchangePairs: Sql = {
  parts: [
    `INSERT INTO face_match (${SHARED}, verdict) SELECT ${SHARED}, (SELECT d.verdict FROM match_decision d
      WHERE d.face_a = p.face_a AND d.face_b = p.face_b AND d.verdict <> 'undecided') FROM model_pair p`,
  ],
  parameters: [],
};

/** Groups and candidates of all who stand in a pair are made again. */
const markAllOf = (table: 'face_match' | 'model_pair', mark: string, at: string): Sql[] => [
  {
    parts: [
      'INSERT INTO people_dirty (mark, image_id, marked_at) SELECT ',
      ', o.id, ',
      ` FROM pipeline_output o WHERE EXISTS (SELECT 1 FROM ${table} m WHERE m.image_a = o.id)
        OR EXISTS (SELECT 1 FROM ${table} m WHERE m.image_b = o.id)`,
    ],
    parameters: [text(mark), text(at)],
  },
];
