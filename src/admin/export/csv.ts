/** One cell: a number as it is, a text always in quotes (RFC 4180) and never a formula. */
export function csvCell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return String(value);
  return `"${harmless(visible(value)).replaceAll('"', '""')}"`;
}

export const csvLine = (cells: readonly (string | number | undefined)[]): string =>
  cells.map(csvCell).join(',');

/**
 * Without what nobody sees and some programs skip: control characters but tabs and line ends, and format characters but the
 * joiners that Persian, Indian scripts and emoji are written with.
 */
const visible = (text: string): string => text.replace(/(?![\t\n\r\u200c\u200d])[\p{Cc}\p{Cf}]+/gu, '');

/**
 * Spreadsheets run a cell that begins with one of these as a formula (OWASP, "CSV Injection"; their full-width forms
 * too), whatever the quotes: an apostrophe in front makes it a text. Where a semicolon parts the cells, what follows one
 * begins a cell. Text in photographs is anybody's.
 */
function harmless(text: string): string {
  return /^[\s"'\u200c\u200d]*[=+\-@;\t\r\n\uff1d\uff0b\uff0d\uff20|%]/u.test(text) ? `'${text}` : text;
}
