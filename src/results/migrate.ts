import type { Database, Session } from '../database/database.ts';
import { int, raw, sql, text } from '../database/sql.ts';
import type { Clock } from '../domain/ports.ts';
import { type Migration, migrations } from './schema.ts';

/** The database was made by a newer version of this program. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';
}

/**
 * Brings the schema up to date. The lock is the row of the version itself: it is inserted first, inside the migration's
 * transaction, under a primary key. A second process waits at that key until the first has committed (and then finds
 * nothing left to do) or has died (and then the database has rolled everything back). So the lock needs no expiry and
 * no clock, and can never be held by nobody; both databases do it alike.
 *
 * @throws {SchemaTooNewError} rather than writing into tables it does not know
 */
export async function migrate(
  database: Database,
  clock: Clock,
  steps: readonly Migration[] = migrations,
): Promise<void> {
  const newest = steps.at(-1)?.version ?? 0;
  if ((await database.hasTable('schema_version')) && (await currentVersion(database)) === newest) return;
  const { type } = database.dialect;
  await database.write((session) =>
    session.run([
      database.dialect.createIfMissing(
        'schema_version',
        `version ${type.int} NOT NULL CONSTRAINT pk_schema_version PRIMARY KEY, applied_at ${type.key(30)} NOT NULL`,
      ),
    ]),
  );
  for (const step of steps) {
    await database.write(async (session) => {
      const version = await currentVersion(session);
      if (version > newest) {
        throw new SchemaTooNewError(
          `The result database has schema version ${version}, this program knows ${newest}: use the newer program.`,
        );
      }
      if (version >= step.version) return;
      await session.run([
        sql`INSERT INTO schema_version (version, applied_at) VALUES (${int(step.version)}, ${text(new Date(clock()).toISOString())})`,
      ]);
      for (const statement of step.statements(database.dialect)) await session.run([raw(statement)]);
    });
  }
}

async function currentVersion(session: Pick<Session, 'read'>): Promise<number> {
  const [rows] = await session.read([sql`SELECT MAX(version) AS version FROM schema_version`]);
  return Number(rows?.[0]?.version ?? 0);
}
