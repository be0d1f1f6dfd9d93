import type { Row, Session } from '../database/database.ts';
import { sql } from '../database/sql.ts';
import { FIRST_MODEL } from '../domain/recognition-model.ts';

/**
 * How far a switch of models is. `steady`: there is none. `enrolling`: the archive is enrolled anew with `next`, while the pairs of
 * `active` count. `exchanging`: the pairs of `next` are about to take their place, and nobody writes any. `retiring`: it is done, or
 * given up; what was enrolled with `former` goes.
 */
export type SwitchPhase = 'steady' | 'enrolling' | 'exchanging' | 'retiring';

/** Which models there are, as the database knows it: whose pairs count is decided there and nowhere else. */
export interface RecognitionState {
  /** The model whose pairs count. */
  readonly active: string;
  readonly next?: string;
  readonly former?: string;
  readonly phase: SwitchPhase;
  readonly paused: boolean;
  /** Of the switch under way, or the last one. */
  readonly switchId?: string;
  readonly startedAt?: string;
  readonly startedBy?: string;
  readonly changedAt: string;
  /** Images there were to enrol when it began. */
  readonly images: number;
}

const FIRST_STATE: RecognitionState = {
  active: FIRST_MODEL,
  phase: 'steady',
  paused: false,
  changedAt: '1970-01-01T00:00:00.000Z',
  images: 0,
};

export const RECOGNITION = sql`SELECT active_model, next_model, former_model, phase, paused, switch_id, started_at, started_by, changed_at, images
  FROM recognition WHERE id = 1`;

export async function readRecognition(reads: Pick<Session, 'read'>): Promise<RecognitionState> {
  const [rows = []] = await reads.read([RECOGNITION]);
  return toRecognition(rows);
}

export function toRecognition([row]: readonly Row[]): RecognitionState {
  if (row === undefined) return FIRST_STATE;
  const optional = <Name extends string>(name: Name, value: unknown) =>
    (typeof value === 'string' ? { [name]: value } : {}) as Partial<Record<Name, string>>;
  return {
    active: row.active_model as string,
    ...optional('next', row.next_model),
    ...optional('former', row.former_model),
    phase: row.phase as SwitchPhase,
    paused: row.paused === 1,
    ...optional('switchId', row.switch_id),
    ...optional('startedAt', row.started_at),
    ...optional('startedBy', row.started_by),
    changedAt: row.changed_at as string,
    images: row.images as number,
  };
}

/** Where pairs stand: of the model that counts, or of the one that is to. */
export type PairTable = 'face_match' | 'model_pair';

export const PAIR_TABLES: readonly PairTable[] = ['face_match', 'model_pair'];

/** What a save does with an image's pairs, by the state of models. */
export interface PairPlan {
  /** Whether they are of the model that counts, and may be written. */
  readonly keeps: boolean;
  /** Whether its faces are to be enrolled and searched for with another model than they were. */
  readonly marks: boolean;
}

/** Where no switch is under way, and the model in use has compared. */
export const USUAL_PLAN: PairPlan = { keeps: true, marks: false };

/** @param model of the image's pairs; undefined where it was compared with none */
export function planFor({ active, phase }: RecognitionState, model: string | undefined): PairPlan {
  const keeps = (model ?? active) === active && phase !== 'exchanging';
  return { keeps, marks: !keeps || phase === 'enrolling' };
}
