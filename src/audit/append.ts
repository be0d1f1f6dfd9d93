import type { Session } from '../database/database.ts';
import { int, sql, text } from '../database/sql.ts';
import { hashOf, type PreparedEntry } from './entry.ts';

/**
 * Adds an entry to the chain, as the last thing of a transaction: what it tells of and the entry then stand or fall
 * together. The head's row is changed first, for its lock: of two instances the second waits here and sees the first
 * one's entry. Were they ever to read the same head, the unique `previous_hash` refuses the second, and its transaction
 * runs again.
 *
 * @throws {Error} where the head is missing: somebody has removed it
 */
export async function appendEntry(session: Session, entry: PreparedEntry): Promise<void> {
  const locked = await session.run([sql`UPDATE audit_head SET sequence = sequence WHERE id = 1`]);
  if (locked !== 1) throw new Error('The audit trail has lost its head: run "imaginem audit verify".');
  const [heads, there] = await session.read([
    sql`SELECT sequence, hash FROM audit_head WHERE id = 1`,
    sql`SELECT sequence FROM audit_entry WHERE entry_id = ${text(entry.id)}`,
  ]);
  if (there?.length === 1) return;
  const previous = heads?.[0]?.hash as string;
  const sequence = Number(heads?.[0]?.sequence ?? 0) + 1;
  const hash = hashOf(entry, previous);
  await session.run([
    sql`INSERT INTO audit_entry (sequence, entry_id, recorded_at, who, action, about, detail, previous_hash, hash)
      VALUES (${int(sequence)}, ${text(entry.id)}, ${text(entry.at)}, ${text(entry.who)}, ${text(entry.action)},
        ${text(entry.about)}, ${text(entry.detail)}, ${text(previous)}, ${text(hash)})`,
    sql`UPDATE audit_head SET sequence = ${int(sequence)}, hash = ${text(hash)} WHERE id = 1`,
  ]);
}
