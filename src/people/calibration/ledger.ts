import type { Database, Row } from '../../database/database.ts';
import { bigint, float, int, json, type Sql, sql, text } from '../../database/sql.ts';
import type { Clock, Random } from '../../domain/ports.ts';
import { whoText } from '../who-column.ts';
import type { Calibration } from './calibrate.ts';
import type { Draw, DrawnPair, DrawnStratum, ScoredPair } from './draw.ts';
import { type Evidence, readEvidence } from './evidence.ts';
import { type EnrolledFace, sampleFaces, sampleOffered } from './sampling.ts';
import { type Stratum, strataOf } from './strata.ts';

/** A calibration as it was made. */
export interface KeptCalibration {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly by: string;
  /** Of the recognition: nothing it says holds for another one. */
  readonly model: string;
  readonly seed: number;
  readonly result: Calibration;
}

const CALIBRATION = sql`SELECT calibration_id, made_at, made_by, model, seed, result FROM calibration`;

/** The last calibration of a model. @param enough only one from which error rates are known */
export async function latestCalibration(
  database: Database,
  model: string,
  enough: boolean,
): Promise<KeptCalibration | undefined> {
  const known = enough ? sql` AND enough = 1` : sql``;
  const [rows = []] = await database.read([
    sql`${CALIBRATION} WHERE model = ${text(model)}${known} ORDER BY made_at DESC, calibration_id DESC${database.dialect.limit(1)}`,
  ]);
  return rows.map(toCalibration)[0];
}

/** Calibrations and draws as they are kept. */
export class CalibrationLedger {
  readonly #database: Database;
  readonly #clock: Clock;

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /** @param id made by the caller, so that a transaction that runs again writes the same */
  async keep(id: string, made: Omit<KeptCalibration, 'id' | 'at'>): Promise<KeptCalibration> {
    const kept = { id, at: this.#now(), ...made };
    const { threshold, faces, pairs, persons, enough } = made.result;
    await this.#database.write(async (session) => {
      await session.run([
        sql`DELETE FROM calibration WHERE calibration_id = ${text(id)}`,
        sql`INSERT INTO calibration (calibration_id, made_at, made_by, model, threshold, faces, pairs, persons, enough, seed, result)
          VALUES (${text(id)}, ${text(kept.at)}, ${whoText(made.by)}, ${text(made.model)}, ${float(threshold)}, ${int(faces)}, ${int(pairs)},
            ${int(persons)}, ${int(enough ? 1 : 0)}, ${bigint(made.seed)}, ${json(made.result)})`,
      ]);
    });
    return kept;
  }

  /** @param enough only one from which error rates are known */
  latest(model: string, enough = false): Promise<KeptCalibration | undefined> {
    return latestCalibration(this.#database, model, enough);
  }

  /** Newest first. */
  async list(query: { after?: { at: string; id: string }; limit: number }): Promise<KeptCalibration[]> {
    const { after } = query;
    const before = after
      ? sql` WHERE made_at <= ${text(after.at)} AND (made_at < ${text(after.at)} OR calibration_id < ${text(after.id)})`
      : sql``;
    const [rows = []] = await this.#database.read([
      sql`${CALIBRATION}${before} ORDER BY made_at DESC, calibration_id DESC${this.#database.dialect.limit(query.limit)}`,
    ]);
    return rows.map(toCalibration);
  }

  /** Keeps a draw with its pairs. A pair that was drawn before is left as it is. @returns how many are new */
  keepDraw(draw: Omit<Draw, 'at'>, pairs: readonly DrawnPair[]): Promise<number> {
    const at = this.#now();
    return this.#database.write(async (session) => {
      await session.run([
        sql`DELETE FROM calibration_draw WHERE draw_id = ${text(draw.id)}`,
        sql`DELETE FROM calibration_pair WHERE draw_id = ${text(draw.id)}`,
        sql`INSERT INTO calibration_draw (draw_id, drawn_at, drawn_by, model, threshold, faces, searched, seed, strata)
          VALUES (${text(draw.id)}, ${text(at)}, ${whoText(draw.by)}, ${text(draw.model)}, ${float(draw.threshold)}, ${int(draw.faces)},
            ${int(draw.searched)}, ${bigint(draw.seed)}, ${json(draw.strata)})`,
      ]);
      // What another model said of a pair is of no use to this one.
      await session.run(
        pairs.map(
          ({ faces: [a, b] }) =>
            sql`DELETE FROM calibration_pair WHERE face_a = ${text(a)} AND face_b = ${text(b)} AND model <> ${text(draw.model)}`,
        ),
      );
      return session.run(pairs.map((pair) => insertPair(pair, draw)));
    });
  }

  /** What people and the archive say, for a calibration of this model. */
  async evidence(model: string, threshold: number): Promise<Evidence> {
    return readEvidence(this.#database, model, strataOf(threshold), threshold, await this.latestDraw(model));
  }

  /** Enrolled faces, each as likely as any other. */
  sampleFaces(count: number, random: Random): Promise<{ all: number; sampled: EnrolledFace[] }> {
    return sampleFaces(this.#database, count, random);
  }

  /** Pairs of a stratum that are offered and that nobody has decided, each as likely as any other. */
  sampleOffered(stratum: Stratum, count: number, random: Random): Promise<ScoredPair[]> {
    return sampleOffered(this.#database, stratum, count, random);
  }

  async latestDraw(model: string): Promise<Draw | undefined> {
    const [rows = []] = await this.#database.read([
      sql`SELECT draw_id, drawn_at, drawn_by, model, threshold, faces, searched, seed, strata FROM calibration_draw
        WHERE model = ${text(model)} ORDER BY drawn_at DESC, draw_id DESC${this.#database.dialect.limit(1)}`,
    ]);
    return rows.map(toDraw)[0];
  }

  /** Pairs that were drawn and that nobody has decided, in their order. */
  async undecided(query: { after?: number; limit: number }): Promise<DrawnPair[]> {
    const [rows = []] = await this.#database.read([
      sql`SELECT c.face_a, c.face_b, c.image_a, c.image_b, c.score, c.position FROM calibration_pair c
        JOIN face fa ON fa.face_key = c.face_a JOIN face fb ON fb.face_key = c.face_b
        WHERE c.position > ${bigint(query.after ?? -1)} AND NOT EXISTS (SELECT 1 FROM match_decision d
          WHERE d.face_a = c.face_a AND d.face_b = c.face_b AND d.verdict <> 'undecided')
        ORDER BY c.position, c.face_a${this.#database.dialect.limit(query.limit)}`,
    ]);
    return rows.map((row) => ({
      faces: [row.face_a as string, row.face_b as string],
      images: [row.image_a as string, row.image_b as string],
      score: row.score as number,
      position: Number(row.position),
    }));
  }

  #now(): string {
    return new Date(this.#clock()).toISOString();
  }
}

function insertPair({ faces, images, score, position }: DrawnPair, draw: Omit<Draw, 'at'>): Sql {
  const [a, b] = faces;
  return sql`INSERT INTO calibration_pair (face_a, face_b, image_a, image_b, draw_id, position, score, model)
    SELECT ${text(a)}, ${text(b)}, ${text(images[0])}, ${text(images[1])}, ${text(draw.id)}, ${bigint(position)}, ${float(score)}, ${text(draw.model)}
    WHERE NOT EXISTS (SELECT 1 FROM calibration_pair WHERE face_a = ${text(a)} AND face_b = ${text(b)})`;
}

const toCalibration = (row: Row): KeptCalibration => ({
  id: row.calibration_id as string,
  at: row.made_at as string,
  by: row.made_by as string,
  model: row.model as string,
  seed: Number(row.seed),
  result: JSON.parse(row.result as string) as Calibration,
});

const toDraw = (row: Row): Draw => ({
  id: row.draw_id as string,
  at: row.drawn_at as string,
  by: row.drawn_by as string,
  model: row.model as string,
  threshold: row.threshold as number,
  faces: Number(row.faces),
  searched: Number(row.searched),
  seed: Number(row.seed),
  strata: JSON.parse(row.strata as string) as DrawnStratum[],
});
