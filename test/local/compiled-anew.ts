import { constants, DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';

/** Whether this Node can see SQLite compile: 22 has no way to. */
export const canSeeCompiling = 'setAuthorizer' in DatabaseSync.prototype;

/** Notes every statement that is prepared from now on. @returns them, and what prepares without being noted */
export function noteStatements(db: DatabaseSync): {
  statements: string[];
  prepare(sql: string): StatementSync;
} {
  const statements: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    statements.push(sql);
    return prepare(sql);
  };
  return { statements, prepare };
}

/** Those of the statements that SQLite compiles anew when they run with other values. What they do is taken back. */
export function compiledAnew(
  db: DatabaseSync,
  statements: readonly string[],
  prepare: (sql: string) => StatementSync,
): string[] {
  let compiled = 0;
  db.setAuthorizer(() => {
    compiled += 1;
    return constants.SQLITE_OK;
  });
  const anew = statements.filter((sql) => {
    const statement = prepare(sql);
    const run = (value: number) => {
      db.exec('SAVEPOINT seen');
      compiled = 0;
      try {
        statement.all(...valuesFor(sql, value));
      } catch {
        // A value of a kind that the column does not take: it was compiled before that.
      }
      const seen = compiled;
      db.exec('ROLLBACK TO seen; RELEASE seen');
      return seen;
    };
    run(1);
    return run(2) > 0;
  });
  db.setAuthorizer(null);
  return anew;
}

/** As many values as a statement takes. */
function valuesFor(sql: string, value: SQLInputValue): SQLInputValue[] {
  const numbered = [...sql.matchAll(/\?(\d+)/g)].map(([, number]) => Number(number));
  const count = numbered.length > 0 ? Math.max(...numbered) : sql.split('?').length - 1;
  return Array.from({ length: count }, () => value);
}
