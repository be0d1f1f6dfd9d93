/** Thrown for a statement that `imaginem sql` does not run. */
export class NotReadOnlyError extends Error {
  override readonly name = 'NotReadOnlyError';
}

/** Words that start or hide an effect. A column of such a name can still be read, in quotes or brackets. */
const FORBIDDEN =
  /\b(?:alter|attach|backup|begin|bulk|commit|create|dbcc|declare|delete|deny|detach|drop|exec|execute|grant|insert|into|kill|load_extension|merge|next|opendatasource|openquery|openrowset|pragma|reconfigure|reindex|replace\s+into|restore|revert|revoke|rollback|save|savepoint|set|shutdown|truncate|update|use|vacuum|waitfor|writefile|xp_\w+|sp_\w+)\b/i;

const CLOSING: Readonly<Record<string, string>> = { "'": "'", '"': '"', '[': ']' };

/**
 * The statement without strings, quoted names and comments: what is inside them is not SQL. Both databases end them in the
 * same way. It goes through the text once: a regular expression would look for the end of an open bracket again and again.
 *
 * @throws {NotReadOnlyError} where one is not closed, or a comment stands within a comment
 */
function withoutOpaque(text: string): string {
  const start = /['"[\]]|--|\/\*/g;
  let bare = '';
  let at = 0;
  for (let found = start.exec(text); found !== null; found = start.exec(text)) {
    const end = endOf(text, found.index, found[0]);
    if (end === undefined) {
      throw new NotReadOnlyError('The query has a quote, bracket or comment that is not closed.');
    }
    bare += text.slice(at, found.index) + (found[0].length === 2 ? ' ' : ' quoted ');
    at = end;
    start.lastIndex = end;
  }
  return bare + text.slice(at);
}

/** Where the text goes on behind what opens at `from`. */
function endOf(text: string, from: number, opening: string): number | undefined {
  if (opening === '--') {
    const newline = text.indexOf('\n', from);
    return newline < 0 ? text.length : newline;
  }
  if (opening === '/*') {
    const next = /\/\*|\*\//g;
    next.lastIndex = from + 2;
    const found = next.exec(text);
    return found?.[0] === '*/' ? found.index + 2 : undefined;
  }
  const closing = CLOSING[opening];
  if (closing === undefined) return undefined;
  for (let at = text.indexOf(closing, from + 1); at >= 0; at = text.indexOf(closing, at + 2)) {
    // Twice, it stands for itself.
    if (text[at + 1] !== closing) return at + 1;
  }
  return undefined;
}

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
  const bare = withoutOpaque(lines).trim();
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
