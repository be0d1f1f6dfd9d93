import type { Database } from '../../database/database.ts';
import { float, sql } from '../../database/sql.ts';

/** What two models say of the pairs that people have decided, at the threshold that is set. */
export interface ModelComparison {
  /** Pairs that people called the same person, and how many of them each model offers. */
  readonly same: { readonly decided: number; readonly active: number; readonly next: number };
  /** Pairs that people called two people. */
  readonly different: { readonly decided: number; readonly active: number; readonly next: number };
  /** Pairs that each offers in all: of the next model as far as it is enrolled. */
  readonly offered: { readonly active: number; readonly next: number };
}

/** How two models stand beside each other while both answer. Their scores are never compared, only what each offers. */
export async function compareModels(database: Database, threshold: number): Promise<ModelComparison> {
  const least = float(threshold);
  const offers = (table: 'face_match' | 'model_pair') => ({
    parts: [
      `CASE WHEN EXISTS (SELECT 1 FROM ${table} m WHERE m.face_a = d.face_a AND m.face_b = d.face_b AND m.confidence >= `,
      ') THEN 1 ELSE 0 END',
    ],
    parameters: [least],
  });
  const [said = [], active = [], next = []] = await database.read([
    sql`SELECT verdict, COUNT(*) AS decided, SUM(by_active) AS by_active, SUM(by_next) AS by_next FROM
      (SELECT d.verdict, ${offers('face_match')} AS by_active, ${offers('model_pair')} AS by_next FROM match_decision d
        WHERE d.verdict IN ('confirmed', 'notSame')) t GROUP BY verdict`,
    sql`SELECT COUNT(*) AS pairs FROM face_match WHERE confidence >= ${least}`,
    sql`SELECT COUNT(*) AS pairs FROM model_pair WHERE confidence >= ${least}`,
  ]);
  const of = (verdict: string) => {
    const row = said.find((one) => one.verdict === verdict);
    return {
      decided: Number(row?.decided ?? 0),
      active: Number(row?.by_active ?? 0),
      next: Number(row?.by_next ?? 0),
    };
  };
  return {
    same: of('confirmed'),
    different: of('notSame'),
    offered: { active: Number(active[0]?.pairs ?? 0), next: Number(next[0]?.pairs ?? 0) },
  };
}
