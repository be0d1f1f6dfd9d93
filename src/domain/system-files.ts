/**
 * Folders and files that devices and systems keep beside people's own: thumbnails of a Synology or QNAP box, waste
 * bins, resource forks of a Mac. None of them is a photograph somebody took.
 */
const SYSTEM_FOLDER =
  /^(?:@eaDir|@Recycle|@Recently-Snapshot|#recycle|#snapshot|\$RECYCLE\.BIN|RECYCLER|System Volume Information|__MACOSX|lost\+found)$/i;
const SYSTEM_FILE = /^(?:Thumbs\.db|ehthumbs\.db|desktop\.ini)$/i;

/** The fork of a Mac's file: it has the name of a photograph, and is none. */
const FORK = /^\._/;

/**
 * Whether a system, not a person, put a file where it is: by its path. Unlike `systemPart` it does not take what is only
 * hidden, for whoever puts a blob into a container has chosen its name.
 */
export function isSystemFile(path: string): boolean {
  const parts = path.split('/');
  const file = parts.at(-1) ?? '';
  return (
    parts.slice(0, -1).some((name) => SYSTEM_FOLDER.test(name)) || SYSTEM_FILE.test(file) || FORK.test(file)
  );
}

/** The path that a system's file would have without its system's folder: that of the photographs it was kept for. */
export function besideSystemFolder(path: string): string {
  const parts = path.split('/');
  const at = parts.slice(0, -1).findIndex((name) => SYSTEM_FOLDER.test(name));
  return at < 0 ? path : [...parts.slice(0, at), parts.at(-1)].join('/');
}

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
