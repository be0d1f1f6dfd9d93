/** One cell: a number as it is, a text quoted where it must be (RFC 4180) and never a formula. */
export function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = harmless(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csvLine = (cells: readonly (string | number | undefined)[]): string =>
  cells.map(csvCell).join(',');

/**
 * Spreadsheets run a cell that begins with one of these as a formula (OWASP, "CSV Injection"; their full-width forms
 * too), whatever the quotes: an apostrophe in front makes it a text. Text in photographs is anybody's.
 */
function harmless(text: string): string {
  return /^[\s"']*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20|%]/u.test(text) ? `'${text}` : text;
}
