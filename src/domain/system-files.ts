/**
 * Folders and files that devices and systems keep beside people's own: thumbnails of a Synology or QNAP box, waste
 * bins, resource forks of a Mac. None of them is a photograph somebody took.
 */
const SYSTEM_FOLDER =
  /^(?:@eaDir|@Recycle|@Recently-Snapshot|#recycle|#snapshot|\$RECYCLE\.BIN|RECYCLER|System Volume Information|__MACOSX|lost\+found)$/i;
const SYSTEM_FILE = /^(?:Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;

/**
 * Which part of a path makes it a system's or a hidden one.
 *
 * @param parts names of folders, then of the file
 * @returns undefined for a file of a person's own
 */
export function systemPart(parts: readonly string[]): string | undefined {
  const [file = '', ...folders] = [...parts].reverse();
  const folder = folders.reverse().find((name) => SYSTEM_FOLDER.test(name) || name.startsWith('.'));
  if (folder !== undefined) return folder;
  return SYSTEM_FILE.test(file) || file.startsWith('.') ? file : undefined;
}
