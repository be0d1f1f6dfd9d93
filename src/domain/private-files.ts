import { chmodSync, statSync } from 'node:fs';

/** What came of `makePrivate`: nothing to do, done, or refused by the system (the file belongs to somebody else). */
type Narrowed = 'private' | 'narrowed' | 'refused';

/**
 * Takes a file or folder from everybody but its owner: what is kept here is photographs of people, and a folder that was
 * there before has the rights it was made with. Windows keeps rights in another way, by the folder above.
 *
 * @throws where it is not there
 */
export function makePrivate(path: string): Narrowed {
  if (process.platform === 'win32') return 'private';
  const mode = statSync(path).mode & 0o777;
  if ((mode & 0o077) === 0) return 'private';
  try {
    chmodSync(path, mode & 0o700);
    return 'narrowed';
  } catch {
    return 'refused';
  }
}

/** What the operator is told of it, or undefined where there was nothing to do. */
export function narrowedSentence(path: string, came: Narrowed): string | undefined {
  if (came === 'private') return undefined;
  const others = `Others on this machine could read ${path}`;
  return came === 'narrowed'
    ? `${others}: that is closed now, for there are photographs of people in it.`
    : `${others}, and still can: it belongs to another user. Choose one of your own.`;
}
