import type { Dialect } from '../database/database.ts';

/**
 * Version 8: the audit trail of SQLite cannot be rewritten in place.
 *
 * `INSERT OR REPLACE` removes the row that stands in its way without asking the trigger of a removal, unless the
 * connection that does it has `recursive_triggers` on, which is its own choice. A trigger before the insert is asked
 * always: an entry is taken only as the successor of the head, where nothing stands in its way. The head in turn only
 * moves on to an entry that follows on it. SQL Server has no such statement, and its triggers are asked always.
 */
export function versionEight({ name }: Dialect): string[] {
  if (name !== 'sqlite') return [];
  const refuse = (table: string, what: string) => `BEGIN SELECT RAISE(ABORT, '${table} ${what}'); END`;
  return [
    `CREATE TRIGGER audit_entry_no_replace BEFORE INSERT ON audit_entry
      WHEN EXISTS (
          SELECT 1 FROM audit_entry
          WHERE sequence = NEW.sequence OR entry_id = NEW.entry_id OR previous_hash = NEW.previous_hash
        )
        OR NOT EXISTS (
          SELECT 1 FROM audit_head
          WHERE COALESCE(sequence, 0) + 1 = NEW.sequence AND hash = NEW.previous_hash
        )
      ${refuse('audit_entry', 'is append-only')}`,
    `CREATE TRIGGER audit_head_no_return BEFORE UPDATE ON audit_head
      WHEN NEW.id <> OLD.id
        OR NOT (
          (NEW.sequence IS OLD.sequence AND NEW.hash = OLD.hash)
          OR (NEW.sequence = COALESCE(OLD.sequence, 0) + 1 AND EXISTS (
            SELECT 1 FROM audit_entry
            WHERE sequence = NEW.sequence AND hash = NEW.hash AND previous_hash = OLD.hash
          ))
        )
      ${refuse('audit_head', 'only moves on')}`,
    `CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head ${refuse('audit_head', 'only moves on')}`,
    `CREATE TRIGGER audit_head_no_replace BEFORE INSERT ON audit_head
      WHEN EXISTS (SELECT 1 FROM audit_head) ${refuse('audit_head', 'only moves on')}`,
  ];
}
