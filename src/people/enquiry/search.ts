import type { Database, Row } from '../../database/database.ts';
import { olderThan } from '../../database/keyset.ts';
import { join, type Sql, sql } from '../../database/sql.ts';
import { nameKey } from '../persons.ts';

/** Rows of one look: as many are held at a time. */
const PAGE = 2000;

/**
 * The newest enquiries of whose case reference, or of the name of who is sought, `words` are a part, whatever their case and
 * accents. Compared here and not by a database: SQLite knows upper and lower case of ASCII only.
 *
 * @param where conditions that hold besides
 * @returns their ids, newest first, `limit` at most
 */
export async function searchEnquiries(
  database: Database,
  where: readonly Sql[],
  { words, limit }: { words: string; limit: number },
): Promise<string[]> {
  const key = nameKey(words);
  const found: string[] = [];
  let before: Sql[] = [];
  for (;;) {
    const [rows = []] = await database.read([
      sql`SELECT opened_at, enquiry_id, case_reference,
          (SELECT p.name_key FROM person p WHERE p.person_id = enquiry.sought) AS sought_key
        FROM enquiry WHERE ${join([...where, ...before], ' AND ')}
        ORDER BY opened_at DESC, enquiry_id DESC${database.dialect.limit(PAGE)}`,
    ]);
    for (const row of rows) {
      if (!isOf(row, key)) continue;
      found.push(row.enquiry_id as string);
      if (found.length === limit) return found;
    }
    const last = rows.at(-1);
    if (rows.length < PAGE || last === undefined) return found;
    const at = { at: last.opened_at as string, id: last.enquiry_id as string };
    before = [olderThan(['opened_at', 'enquiry_id'], at)];
  }
}

const isOf = ({ case_reference: reference, sought_key: sought }: Row, key: string): boolean =>
  (reference !== null && nameKey(reference as string).includes(key)) ||
  (sought !== null && (sought as string).includes(key));
