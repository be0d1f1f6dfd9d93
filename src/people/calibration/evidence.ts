import { chunksOf, listOf } from '../../database/chunks.ts';
import type { Database } from '../../database/database.ts';
import { float, join, sql, text } from '../../database/sql.ts';
import { personsOfFaces } from '../group-reader.ts';
import type { Draw } from './draw.ts';
import type { DecidedPair, StratumSize } from './pair.ts';
import type { Stratum } from './strata.ts';

/** What the archive and its people say, as far as a calibration goes by it. */
export interface Evidence {
  readonly faces: number;
  readonly allPairs: number;
  readonly pairs: readonly DecidedPair[];
  readonly sizes: readonly StratumSize[];
}

const PAGE = 5000;
/** Where a pair stands of which people alone know that it is of one person. */
const BELOW_ALL = -1;

/**
 * Reads decided pairs, whom they are of, and how many pairs there are in each stratum: those that are offered are
 * counted, those below are estimated from the last draw.
 *
 * @param model that is calibrated: no score of another one counts
 * @param draw of that model
 */
export async function readEvidence(
  database: Database,
  model: string,
  strata: readonly Stratum[],
  threshold: number,
  draw: Draw | undefined,
): Promise<Evidence> {
  const [counts, sizes, said] = await Promise.all([
    countFaces(database),
    offeredSizes(database, model, strata),
    decisions(database, model, threshold),
  ]);
  const drawn = draw ? new Map(draw.strata.map((stratum) => [stratum.from, stratum])) : undefined;
  return {
    ...counts,
    sizes: sizes.map(({ from, pairs }) => {
      const found = from < threshold ? drawn?.get(from) : undefined;
      return { from, pairs: found && draw ? estimatedPairs(found, draw.faces) : pairs };
    }),
    pairs: await withPersons(database, said),
  };
}

/** A pair is found where either of its faces is searched. */
function estimatedPairs({ searches, found }: { searches: number; found: number }, faces: number): number {
  const missed = Math.max(0, 1 - searches / Math.max(1, faces));
  const share = 1 - missed * missed;
  return share <= 0 ? 0 : found / share;
}

async function countFaces(database: Database): Promise<{ faces: number; allPairs: number }> {
  const [[counted] = []] = await database.read([
    sql`SELECT SUM(n) AS faces, SUM(n * (n - 1)) AS inside FROM
      (SELECT CAST(COUNT(*) AS bigint) AS n FROM face WHERE enrolled = 1 GROUP BY image_id) photographs`,
  ]);
  const faces = Number(counted?.faces ?? 0);
  // Faces of one photograph are not compared.
  return { faces, allPairs: (faces * (faces - 1) - Number(counted?.inside ?? 0)) / 2 };
}

async function offeredSizes(
  database: Database,
  model: string,
  strata: readonly Stratum[],
): Promise<StratumSize[]> {
  const sums = strata.map(
    ({ from, to }, at) =>
      sql`SUM(CASE WHEN confidence >= ${float(from)} AND confidence ${to >= 1 ? sql`<=` : sql`<`} ${float(to)} THEN 1 ELSE 0 END) AS ${{ parts: [`s${at}`], parameters: [] }}`,
  );
  const [[counted = {}] = []] = await database.read([
    sql`SELECT ${join(sums, ', ')} FROM face_match WHERE model = ${text(model)}`,
  ]);
  return strata.map(({ from }, at) => ({ from, pairs: Number(counted[`s${at}`] ?? 0) }));
}

interface Said {
  readonly faces: readonly [string, string];
  readonly same: boolean;
  readonly confidence: number;
}

async function decisions(database: Database, model: string, threshold: number): Promise<Said[]> {
  const said: Said[] = [];
  for (let after: readonly [string, string] | undefined; ; ) {
    const behind = after
      ? sql` AND d.face_a >= ${text(after[0])} AND (d.face_a > ${text(after[0])} OR d.face_b > ${text(after[1])})`
      : sql``;
    const [rows = []] = await database.read([
      sql`SELECT d.face_a, d.face_b, d.verdict, m.confidence, c.score FROM match_decision d
        LEFT JOIN face_match m ON m.face_a = d.face_a AND m.face_b = d.face_b AND m.model = ${text(model)}
        LEFT JOIN calibration_pair c ON c.face_a = d.face_a AND c.face_b = d.face_b AND c.model = ${text(model)}
        WHERE d.verdict IN ('confirmed', 'notSame')${behind} ORDER BY d.face_a, d.face_b${database.dialect.limit(PAGE)}`,
    ]);
    for (const row of rows) {
      const same = row.verdict === 'confirmed';
      const drawn = row.score as number | null;
      const offered = row.confidence as number | null;
      const faces = [row.face_a as string, row.face_b as string] as const;
      if (offered !== null && offered >= threshold) said.push({ faces, same, confidence: offered });
      else if (drawn !== null) said.push({ faces, same, confidence: drawn });
      // Nobody drew it: it stands for itself alone, and of one that is different nothing follows.
      else if (same) said.push({ faces, same, confidence: BELOW_ALL });
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || !last) return said;
    after = [last.face_a as string, last.face_b as string];
  }
}

async function withPersons(database: Database, said: readonly Said[]): Promise<DecidedPair[]> {
  const faces = new Set(said.flatMap((one) => one.faces));
  const [solids, persons, taken] = await Promise.all([
    solidsOf(database, faces),
    personsOfFaces(database, faces),
    takenOf(database, faces),
  ]);
  const known = await groupsOfPersons(database, new Set(persons.values()));
  const groupsOf = (face: string) => known.get(persons.get(face) ?? '') ?? [];
  return said.map(({ faces: [a, b], same, confidence }) => {
    const [one, other] = [solids.get(a) ?? a, solids.get(b) ?? b];
    const groups = same
      ? [...new Set([...groupsOf(a), ...groupsOf(b)])]
      : groupsOf(a).filter((group) => groupsOf(b).includes(group));
    const ageGap = yearsBetween(taken.get(a), taken.get(b));
    return {
      confidence,
      same,
      persons: same ? [one, one] : [one, other],
      ...(groups.length > 0 && { groups }),
      ...(ageGap !== undefined && { ageGap }),
    };
  });
}

/** Who a face is, by decisions alone; one that stands in no group is itself. */
async function solidsOf(database: Database, faces: Iterable<string>): Promise<Map<string, string>> {
  const solids = new Map<string, string>();
  for (const some of chunksOf(faces)) {
    const [rows = []] = await database.read([
      sql`SELECT face_key, solid_id FROM face_group WHERE face_key IN (${listOf(some)})`,
    ]);
    for (const row of rows) solids.set(row.face_key as string, row.solid_id as string);
  }
  return solids;
}

async function takenOf(database: Database, faces: Iterable<string>): Promise<Map<string, string>> {
  const taken = new Map<string, string>();
  for (const some of chunksOf(faces)) {
    const [rows = []] = await database.read([
      sql`SELECT current_key, taken FROM face_anchor WHERE taken IS NOT NULL AND current_key IN (${listOf(some)})`,
    ]);
    for (const row of rows) taken.set(row.current_key as string, row.taken as string);
  }
  return taken;
}

/** What the case data say of persons, in words. */
async function groupsOfPersons(database: Database, ids: Iterable<string>): Promise<Map<string, string[]>> {
  const groups = new Map<string, string[]>();
  for (const some of chunksOf(ids)) {
    const [rows = []] = await database.read([
      sql`SELECT person_id, sex, minor FROM person WHERE person_id IN (${listOf(some)})`,
    ]);
    for (const row of rows) {
      groups.set(row.person_id as string, [
        ...(row.sex === null ? [] : [`sex: ${row.sex as string}`]),
        ...(row.minor === null ? [] : [row.minor === 1 ? 'children' : 'adults']),
      ]);
    }
  }
  return groups;
}

/** Whole and parts of years; a day of which only the year is known stands in its middle. */
function yearsBetween(one: string | undefined, other: string | undefined): number | undefined {
  if (one === undefined || other === undefined) return undefined;
  const yearOf = (day: string) => {
    const [year, month, date] = day.split('-').map(Number);
    return (year ?? 0) + (month === undefined ? 0.5 : (month - 1 + (date ?? 15) / 31) / 12);
  };
  return Math.abs(yearOf(one) - yearOf(other));
}
