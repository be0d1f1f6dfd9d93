import type { Database } from '../database/database.ts';
import { sql } from '../database/sql.ts';

/** Images that were not taken as photographs, by reason, the most frequent first. */
export interface RejectionCount {
  code: string;
  images: number;
  /** When the latest was rejected: ISO 8601, UTC. */
  latest: string;
}

/** Walks one index, of rejected images only. */
export async function countRejections(database: Database): Promise<RejectionCount[]> {
  const [rows = []] = await database.read([
    sql`SELECT reason_code, COUNT(*) AS images, MAX(timestamp) AS latest FROM pipeline_output
      WHERE status = 'rejected' GROUP BY reason_code ORDER BY images DESC, reason_code`,
  ]);
  return rows.map((row) => ({
    code: String(row.reason_code ?? ''),
    images: Number(row.images),
    latest: String(row.latest),
  }));
}
