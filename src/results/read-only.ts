/** Thrown for a statement that `imaginem sql` does not run. */
export class NotReadOnlyError extends Error {
  override readonly name = 'NotReadOnlyError';
}

/** Words that start or hide an effect. A column of such a name can still be read, in quotes or brackets. */
const FORBIDDEN =
  /\b(?:alter|attach|backup|begin|bulk|commit|create|dbcc|declare|delete|deny|detach|drop|exec|execute|grant|insert|into|kill|load_extension|merge|next|opendatasource|openquery|openrowset|pragma|reconfigure|reindex|replace\s+into|restore|revert|revoke|rollback|save|savepoint|set|shutdown|truncate|update|use|vacuum|waitfor|writefile|xp_\w+|sp_\w+)\b/i;

/** Strings, quoted names and comments: what is inside them is not SQL. Both databases end them in the same way. */
const OPAQUE = /'(?:[^']|'')*'|"(?:[^"]|"")*"|\[(?:[^\]]|\]\])*\]|--[^\n]*|\/\*(?:(?!\/\*|\*\/)[\s\S])*\*\//g;

/**
 * Refuses anything but one SELECT (or WITH ... SELECT). This is the first of two fences: SQLite then runs the text on
 * a connection that is open for reading only, SQL Server in a transaction that is always rolled back.
 *
 * @throws {NotReadOnlyError} saying what is in the way
 */
export function assertOneSelect(text: string): void {
  const lines = text.replaceAll('\r\n', '\n');
  // Databases disagree on what ends a line and on comments within comments: what they read differently is refused.
  if (/[\u0000-\u0008\u000b-\u001f]/.test(lines)) {
    throw new NotReadOnlyError('The query has a control character in it: remove it.');
  }
  const bare = lines.replace(OPAQUE, (piece) => (/^(?:--|\/\*)/.test(piece) ? ' ' : ' quoted ')).trim();
  if (/['"[\]]|\/\*/.test(bare)) {
    throw new NotReadOnlyError('The query has a quote, bracket or comment that is not closed.');
  }
  const statement = bare.replace(/;\s*$/, '');
  if (!/^(?:select|with)\b/i.test(statement)) {
    throw new NotReadOnlyError(
      'Only one SELECT statement (or WITH ... SELECT) can be run here: the results are read-only.',
    );
  }
  if (statement.includes(';')) {
    throw new NotReadOnlyError(
      'Only one statement can be run at a time: remove the semicolon inside the query.',
    );
  }
  const word = FORBIDDEN.exec(statement)?.[0];
  if (word !== undefined) {
    throw new NotReadOnlyError(
      `The results are read-only, so "${word}" is not allowed; a column of that name can be read as "${word}", in quotes.`,
    );
  }
}
