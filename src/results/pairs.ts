import type { Database, Session } from '../database/database.ts';
import { float, int, join, type Parameter, raw, type Sql, sql, text } from '../database/sql.ts';
import { isEnquiryUrl } from '../domain/enquiry-batch.ts';
import { FIRST_MODEL } from '../domain/recognition-model.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import { markDirty } from './dirty.ts';
import { lookAtPair, lookAtPartners } from './faceprint-looks.ts';
import { isoTime } from './normal-forms.ts';
import { PAIR_TABLES, type PairTable } from './recognition-state.ts';
import type { ImageResult, ResultMatch } from './rows.ts';

type Side = 'a' | 'b';

const other = (side: Side): Side => (side === 'a' ? 'b' : 'a');

/** Columns of one side of a pair, as this image knows them. */
const place = (side: Side, imageUrl: string, rectangle: Rectangle): [string, Parameter][] => [
  [`image_url_${side}`, text(imageUrl)],
  [`rect_${side}_left`, float(rectangle.left)],
  [`rect_${side}_top`, float(rectangle.top)],
  [`rect_${side}_width`, float(rectangle.width)],
  [`rect_${side}_height`, float(rectangle.height)],
];

interface Pair {
  /** Where the reporting image stands. The lower face key is a, by UTF-16 code units. */
  side: Side;
  match: ResultMatch;
  own: Rectangle;
}

/** What reports pairs: an image's result, or its faces compared anew with another model. */
export type PairReport = Pick<ImageResult, 'id' | 'imageUrl' | 'faces' | 'matches' | 'model' | 'finishedAt'>;

/** Best confidence first where a face pair was reported more than once; nothing about an image and itself. */
function reportedPairs(result: PairReport): Pair[] {
  const rectangles = new Map(result.faces.map(({ key, rectangle }) => [key, rectangle]));
  const pairs = new Map<string, Pair>();
  for (const match of result.matches) {
    const own = rectangles.get(match.face);
    if (own === undefined || match.otherImage === result.id || match.otherFace === match.face) continue;
    const key = JSON.stringify([match.face, match.otherFace]);
    if ((pairs.get(key)?.match.confidence ?? -1) >= match.confidence) continue;
    pairs.set(key, { side: match.face < match.otherFace ? 'a' : 'b', match, own });
  }
  return [...pairs.values()];
}

/** What is done about one pair, whose row is found by its key. */
interface PairStep {
  key: PairKey;
  /** The first of them takes the row's lock, where there is a row. */
  statements: Sql[];
  /** Run where the first one found no row. */
  insert?: Sql;
  /** Run last. */
  check?: Sql;
}

/** The lower face first. */
type PairKey = readonly [string, string];

const isPair = ([a, b]: PairKey): Sql => sql`face_a = ${text(a)} AND face_b = ${text(b)}`;

/**
 * The row is there, and is updated; or it is not, and is inserted without asking again. Where the other image has
 * inserted it in between, that fails for a duplicate key and the transaction runs again: neither side can be lost.
 */
function reportPair(result: PairReport, { side, match, own }: Pair, table: Sql): PairStep {
  const far = other(side);
  const faces = { [side]: match.face, [far]: match.otherFace } as Record<Side, string>;
  const images = { [side]: result.id, [far]: match.otherImage } as Record<Side, string>;
  const key = [faces.a, faces.b] as const;
  const confidence = float(match.confidence);
  const report: [string, Parameter][] = [
    ...place(side, result.imageUrl, own),
    [`reported_by_${side}`, int(1)],
    [`confidence_${side}`, confidence],
    [`margin_${side}`, float(match.margin)],
  ];
  const inserted: [string, Parameter][] = [
    ['face_a', text(faces.a)],
    ['face_b', text(faces.b)],
    ['image_a', text(images.a)],
    ['image_b', text(images.b)],
    ...report,
    ...place(far, match.otherImageUrl, match.otherRectangle),
    [`reported_by_${far}`, int(0)],
    ['confidence', confidence],
    ['first_seen', text(isoTime(result.finishedAt))],
    ['model', text(result.model ?? FIRST_MODEL)],
    ['enquiry', int(isEnquiryUrl(result.imageUrl) || isEnquiryUrl(match.otherImageUrl) ? 1 : 0)],
  ];
  const assignments = report.map(([name, value]) => sql`${raw(name)} = ${value}`);
  const theirs = raw(`confidence_${far}`);
  const names = raw(inserted.map(([name]) => name).join(', '));
  const values = inserted.map(([, value]) => value);
  return {
    key,
    statements: [
      // One figure for both images and for analysts: the higher of the two reports.
      sql`UPDATE ${table} SET ${join(assignments, ', ')},
        confidence = CASE WHEN ${theirs} > ${confidence} THEN ${theirs} ELSE ${confidence} END WHERE ${isPair(key)}`,
    ],
    // What a person said of the pair outlives the pair's row.
    insert: sql`INSERT INTO ${table} (${names}, verdict) SELECT ${join(values, ', ')},
      (SELECT verdict FROM match_decision WHERE ${isPair(key)} AND verdict <> 'undecided')`,
    // The other image may have ended, or may no longer be matched, while this one was under way.
    check: sql`DELETE FROM ${table} WHERE ${isPair(key)} AND EXISTS (SELECT 1 FROM pipeline_output
      WHERE id = ${text(match.otherImage)} AND (status IN ('gone', 'superseded') OR do_not_match = 1))`,
  };
}

/** The other side's word stays, and with it the pair. */
function retractPair(key: PairKey, side: Side, pairTable: PairTable): PairStep {
  const table = raw(pairTable);
  const isNobodys = sql`${isPair(key)} AND reported_by_a = 0 AND reported_by_b = 0`;
  return {
    key,
    statements: [
      sql`UPDATE ${table} SET reported_by_${raw(side)} = 0, confidence_${raw(side)} = NULL, margin_${raw(side)} = NULL,
        confidence = COALESCE(confidence_${raw(other(side))}, confidence) WHERE ${isPair(key)}`,
      ...(pairTable === 'face_match' ? [lookAtPair(isNobodys, [pairTable])] : []),
      sql`DELETE FROM ${table} WHERE ${isNobodys}`,
    ],
  };
}

/** What an image's latest result does to the pairs it stands in. */
export class PairChanges {
  readonly #steps: readonly PairStep[];

  private constructor(steps: readonly PairStep[]) {
    // One order for all who lock several of them.
    this.#steps = [...steps].sort((one, two) => order(one.key, two.key));
  }

  /**
   * What the image reports takes the place of what it reported before.
   *
   * @param session one that holds the lock of the image's row: what it reported nobody else changes
   * @param isNew it has no row yet, and so has reported nothing
   * @param pairTable of the model that it was compared with
   */
  static async of(
    session: Session,
    result: PairReport,
    isNew: boolean,
    pairTable: PairTable = 'face_match',
  ): Promise<PairChanges> {
    const table = raw(pairTable);
    const reported = reportedPairs(result).map((pair) => reportPair(result, pair, table));
    if (isNew) return new PairChanges(reported);
    const kept = new Set(reported.map(({ key }) => JSON.stringify(key)));
    const sides: Side[] = ['a', 'b'];
    const before = await session.read(
      sides.map(
        (side) =>
          sql`SELECT face_a, face_b FROM ${table} WHERE image_${raw(side)} = ${text(result.id)} AND reported_by_${raw(side)} = 1`,
      ),
    );
    const retracted = before.flatMap((rows, index) =>
      rows
        .map(({ face_a, face_b }) => [face_a as string, face_b as string] as const)
        .filter((key) => !kept.has(JSON.stringify(key)))
        .map((key) => retractPair(key, sides[index] as Side, pairTable)),
    );
    return new PairChanges([...retracted, ...reported]);
  }

  /** Runs them, after others, in one request where every pair has its row already. */
  async run(session: Session, first: readonly Sql[]): Promise<void> {
    const changed = await session.runEach([
      ...first,
      ...this.#steps.flatMap(({ statements }) => statements),
      ...this.#steps.flatMap(({ check }) => check ?? []),
    ]);
    let position = first.length;
    const missing = this.#steps.filter(({ statements }) => {
      const updated = changed[position];
      position += statements.length;
      return updated === 0;
    });
    await session.run([
      ...missing.flatMap(({ insert }) => insert ?? []),
      ...missing.flatMap(({ check }) => check ?? []),
    ]);
  }
}

const order = (one: PairKey, two: PairKey): number => {
  const [a, b] = one[0] === two[0] ? [one[1], two[1]] : [one[0], two[0]];
  return a < b ? -1 : a > b ? 1 : 0;
};

/** Whether an image is done with being matched, however its faces stood before. */
export const isUnmatched = ({ status, consent }: ImageResult): boolean =>
  status === 'gone' || status === 'superseded' || consent?.doNotMatch === true;

export const removePairs = (imageId: string): Sql[] => [
  ...lookAtPartners(imageId),
  ...PAIR_TABLES.flatMap((table) =>
    ['a', 'b'].map((side) => sql`DELETE FROM ${raw(table)} WHERE image_${raw(side)} = ${text(imageId)}`),
  ),
];

/**
 * Removes the pairs that others wrote while the image came to its end: each who writes one looks whether the other image
 * has ended, and sees it from that transaction's commit on.
 */
export async function unpair(database: Database, imageId: string, at: string): Promise<void> {
  const left = PAIR_TABLES.flatMap((table) =>
    ['a', 'b'].map(
      (side) => sql`SELECT face_a FROM ${raw(table)} WHERE image_${raw(side)} = ${text(imageId)}`,
    ),
  );
  const found = await database.read(left);
  if (found.flat().length > 0)
    await database.write((session) => session.run([markDirty(imageId, at), ...removePairs(imageId)]));
}
