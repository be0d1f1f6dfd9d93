import type { Database } from '../../src/database/database.ts';
import { raw } from '../../src/database/sql.ts';
import { translate } from '../../src/database/sqlserver-errors.ts';
import { OutageError } from '../../src/domain/errors.ts';
import { SettingsError } from '../../src/domain/settings.ts';
import { ownDatabase } from '../../test/support/own-database.ts';
import type { Cleanup } from './cleanup.ts';
import type { Place } from './place.ts';

const VARIABLE = 'TEST_SQL_CONNECTION_STRING';
/** CREATE DATABASE refused; for Azure SQL also in any other database than `master`. */
const NOT_ALLOWED = new Set([262, 5001]);

/** That a server could not be used, in a sentence that does not quote the connection string. */
export class ServerError extends Error {
  override readonly name = 'ServerError';
}

/** A database that this bench has for itself on a server. */
export interface ServerDatabase {
  name: string;
  place: Place;
  drop(): Promise<void>;
}

/** @throws {ServerError} in place of what driver, server and settings say; a fault of the program is thrown as it is */
export async function inSentences<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const sentence = error instanceof ServerError ? undefined : sentenceOf(error);
    throw sentence === undefined ? error : new ServerError(sentence);
  }
}

/**
 * Makes a database on the server, which goes when the bench ends, however it does.
 *
 * @throws {ServerError}
 */
export async function makeDatabase(
  connectionString: string,
  cleanup: Cleanup,
  make: typeof ownDatabase = ownDatabase,
): Promise<ServerDatabase> {
  const own = await inSentences(() => make(connectionString, { kind: 'bench' }));
  if (own === undefined) throw new ServerError(`${VARIABLE} names no server.`);
  const drop = () => inSentences(() => own.drop());
  const kept = cleanup.add(`The database ${own.name}`, drop);
  return {
    name: own.name,
    place: { connectionString: own.connectionString },
    async drop() {
      await drop();
      kept.forget();
    },
  };
}

const ourVariable = (sentence: string): string =>
  sentence.replaceAll(/(?:App setting )?\bSQL_CONNECTION_STRING/g, VARIABLE);

/**
 * What is wrong, without the words of whoever let us in or did not: they quote addresses and names. What a server says of a
 * statement is kept, for nothing but a statement of this program can be wrong then.
 *
 * @returns undefined where neither driver, server nor settings have said it
 */
function sentenceOf(error: unknown): string | undefined {
  if (error instanceof SettingsError) return ourVariable(error.message);
  const number = numberOf(error);
  if (number !== undefined && NOT_ALLOWED.has(number))
    return `The login of ${VARIABLE} may not make a database (error ${number}): it needs the right CREATE ANY DATABASE or the role dbcreator, and on Azure SQL the string names Database=master.`;
  const told = translate(error);
  if (told instanceof OutageError) return ourVariable(told.message);
  if (number !== undefined)
    return `The server refused a statement (error ${number}): ${(error as Error).message}`;
  const { code } = (error ?? {}) as { code?: unknown };
  const { name } = (error ?? {}) as { name?: unknown };
  const isOfDriver = ['ConnectionError', 'RequestError', 'TransactionError', 'MSSQLError'].includes(
    String(name),
  );
  return isOfDriver ? `The connection to the server failed (${String(code ?? name)}).` : undefined;
}

function numberOf(error: unknown): number | undefined {
  const { number, originalError } = (error ?? {}) as { number?: unknown; originalError?: unknown };
  if (typeof number === 'number') return number;
  return originalError === undefined ? undefined : numberOf(originalError);
}

/**
 * Has readers wait for nobody, as Azure SQL has it and `docs/scale.md` advises. A server that does so anyway may not know the
 * words: `describeServer` says what holds.
 */
export async function turnOnSnapshots(database: Database): Promise<void> {
  const words = raw('ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON WITH ROLLBACK IMMEDIATE');
  await database.read([words]).catch(() => {});
}

/** Which server it is, as far as it says so. */
export async function describeServer(database: Database): Promise<string> {
  const ask = async (statement: string): Promise<string | undefined> => {
    try {
      const [rows = []] = await database.read([raw(statement)]);
      const answer = rows[0]?.answer ?? null;
      return answer === null ? undefined : String(answer);
    } catch {
      return undefined;
    }
  };
  const property = (name: string) =>
    ask(`SELECT CONVERT(nvarchar(128), SERVERPROPERTY('${name}')) AS answer`);
  const [version, edition] = [await property('ProductVersion'), await property('Edition')];
  const snapshots = await ask(
    'SELECT CONVERT(int, is_read_committed_snapshot_on) AS answer FROM sys.databases WHERE name = DB_NAME()',
  );
  return [
    `Server: ${version ?? 'it does not say which version'}${edition === undefined ? '' : `, ${edition}`}.`,
    `READ_COMMITTED_SNAPSHOT is ${snapshots === undefined ? 'not known' : snapshots === '1' ? 'on' : 'off'}.`,
  ].join(' ');
}
