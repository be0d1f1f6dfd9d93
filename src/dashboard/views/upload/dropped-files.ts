export interface NamedFile {
  file: File;
  name: string;
}

/** By name only, to leave out what certainly is none; the server looks at the bytes. Names as `systemPart` has them. */
const OTHER =
  /(^|\/)(\.[^/]*|Thumbs\.db|desktop\.ini|(?:@eaDir|@Recycle|#recycle|\$RECYCLE\.BIN|System Volume Information|__MACOSX|\.[^/]*)\/.*)$/i;

export const chosenFiles = (list: FileList | null): NamedFile[] =>
  [...(list ?? [])]
    .map((file) => ({ file, name: file.webkitRelativePath || file.name }))
    .filter(({ name }) => !OTHER.test(name));

interface Dropped {
  files: NamedFile[];
  /** Names of what could not be read: a folder that nobody may open, a file that has been moved since. */
  unread: string[];
}

/** All files of a drop, those in folders included. To be called within the drop event: items are void after it. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped> {
  const entries = [...transfer.items]
    .map((item) => item.webkitGetAsEntry())
    .filter((entry) => entry !== null);
  if (entries.length === 0) return { files: chosenFiles(transfer.files), unread: [] };
  const found: NamedFile[] = [];
  const unread: string[] = [];
  for (const entry of entries) await walk(entry, found, unread);
  const isOurs = (name: string) => !OTHER.test(name);
  return { files: found.filter(({ name }) => isOurs(name)), unread: unread.filter(isOurs) };
}

/** One that cannot be read hides no other. */
async function walk(entry: FileSystemEntry, found: NamedFile[], unread: string[]): Promise<void> {
  try {
    await read(entry, found, unread);
  } catch {
    unread.push(entry.fullPath.replace(/^\//, ''));
  }
}

async function read(entry: FileSystemEntry, found: NamedFile[], unread: string[]): Promise<void> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    found.push({ file, name: entry.fullPath.replace(/^\//, '') });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // A reader gives some entries at a time, and none when there are no more.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    for (const child of some) await walk(child, found, unread);
  }
}
