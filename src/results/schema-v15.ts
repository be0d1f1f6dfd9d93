import type { Dialect } from '../database/database.ts';

/**
 * Version 15: what version 8 holds in SQLite holds in SQL Server as well. An entry is taken only as the successor of the
 * head, and the head only moves on to an entry that follows on it: neither can be put back, doubled or removed by a
 * plain statement. The triggers look at all rows of a statement at once, as SQL Server hands them over; what they throw
 * rolls the transaction back.
 */
export function versionFifteen({ name }: Dialect): string[] {
  if (name !== 'sqlserver') return [];
  const refuse = (trigger: string, table: string, on: string, where: string, what: string) =>
    `CREATE TRIGGER ${trigger} ON ${table} AFTER ${on} AS BEGIN SET NOCOUNT ON; IF EXISTS (${where}) BEGIN THROW 51000, N'${table} ${what}', 1; END; END`;
  return [
    // One entry at a time, and no head names it yet: the head moves after it.
    refuse(
      'audit_entry_no_replace',
      'audit_entry',
      'INSERT',
      `SELECT 1 FROM inserted i WHERE (SELECT COUNT(*) FROM inserted) > 1 OR NOT EXISTS (
        SELECT 1 FROM audit_head h WHERE COALESCE(h.sequence, 0) + 1 = i.sequence AND h.hash = i.previous_hash)`,
      'is append-only',
    ),
    // A changed id pairs no new row with its old one. Texts that differ in blanks at the end compare as equal.
    refuse(
      'audit_head_no_return',
      'audit_head',
      'UPDATE',
      `SELECT 1 FROM inserted i WHERE NOT EXISTS (
        SELECT 1 FROM deleted d WHERE d.id = i.id AND (
          (COALESCE(i.sequence, 0) = COALESCE(d.sequence, 0) AND i.hash = d.hash AND DATALENGTH(i.hash) = DATALENGTH(d.hash))
          OR (i.sequence = COALESCE(d.sequence, 0) + 1 AND EXISTS (
            SELECT 1 FROM audit_entry e
            WHERE e.sequence = i.sequence AND e.hash = i.hash AND e.previous_hash = d.hash))))`,
      'only moves on',
    ),
    refuse('audit_head_no_delete', 'audit_head', 'DELETE', 'SELECT 1 FROM deleted', 'only moves on'),
    refuse(
      'audit_head_no_replace',
      'audit_head',
      'INSERT',
      'SELECT 1 FROM inserted WHERE (SELECT COUNT(*) FROM audit_head) > 1',
      'only moves on',
    ),
  ];
}
