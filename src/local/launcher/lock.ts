import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { lockFolder } from '../storage/state/folder-lock.ts';
import { lives } from './lives.ts';

/** Another launcher works on this data folder. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

/** Longer than another one takes to clear a dead lock away, in milliseconds. */
const CLEARING_MS = 20;

interface Holder {
  pid: number;
  /** Tells a process from a later one with the same pid, where the system can say. */
  born: string;
}

interface Lock {
  /** Safe to repeat. */
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process alone. The lock of a process that is gone is taken over.
 *
 * @param bornOf tells a process from a later one with the same pid; empty where the system cannot say
 * @throws {LockedError} naming the process that holds it
 */
export async function takeLock(file: string, bornOf: (pid: number) => string = birthOnLinux): Promise<Lock> {
  if (bornOf(process.pid) !== '') return takeFile(file, bornOf);
  // Windows and macOS: pids are given out again, so that a dead holder's may be another program's by now. The system's
  // own lock ends with its process, however that ends; the file then only says who it was.
  const held = await holdFolder(file);
  try {
    const lock = await takeFile(file, () => '', false);
    let releasing: Promise<void> | undefined;
    return {
      release() {
        releasing ??= lock.release().finally(() => held.release());
        return releasing;
      },
    };
  } catch (error) {
    held.release();
    throw error;
  }
}

async function holdFolder(file: string): Promise<{ release(): void }> {
  try {
    return lockFolder(path.dirname(file));
  } catch (error) {
    const holder = parse(await textOf(file));
    if (holder) throw locked(holder);
    throw error;
  }
}

/** @param trusted whether the pid in a lock that is found says that its holder lives */
async function takeFile(file: string, bornOf: (pid: number) => string, trusted = true): Promise<Lock> {
  const mine = JSON.stringify({ pid: process.pid, born: bornOf(process.pid) } satisfies Holder);
  const isAlive = (holder: Holder) => trusted && holder.born === bornOf(holder.pid) && lives(holder.pid);
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    // Each round either takes the lock, finds its holder alive, clears away a dead one, or waits for one who does.
    for (let round = 0; round < 20; round += 1) {
      // A hard link appears with its content or not at all.
      if (await linked(draft, file)) {
        return {
          async release() {
            if ((await textOf(file)) === mine) await rm(file, { force: true });
          },
        };
      }
      const found = await textOf(file);
      const holder = parse(found);
      if (holder && isAlive(holder)) throw locked(holder);
      if (found !== undefined) await clearDead(file, found, draft, isAlive);
    }
    throw new LockedError(`The lock ${file} could not be taken. Delete it if no launcher runs.`);
  } finally {
    await rm(draft, { force: true });
  }
}

function locked({ pid }: Holder): LockedError {
  return new LockedError(
    `Imaginem already runs on this data folder (process ${pid}). Submit to it with "npx imaginem submit <paths>", stop it with Ctrl-C, or start another one with --data <other folder>.`,
  );
}

/**
 * Removes a lock whose holder is dead. Only who has made a second lock, named after what was found, may do so, and
 * looks again first: between a look and a removal the lock of a living one could have come.
 */
async function clearDead(
  file: string,
  found: string,
  draft: string,
  isAlive: (holder: Holder) => boolean,
): Promise<void> {
  const token = `${file}.${createHash('sha256').update(found).digest('hex').slice(0, 16)}`;
  if (await linked(draft, token)) {
    try {
      if ((await textOf(file)) === found) await rm(file, { force: true });
    } finally {
      await rm(token, { force: true });
    }
    return;
  }
  const clearing = await textOf(token);
  const holder = parse(clearing);
  if (clearing !== undefined && !(holder && isAlive(holder)))
    await clearDead(token, clearing, draft, isAlive);
  else await pause(CLEARING_MS);
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // File systems without hard links (FAT, some network shares).
    return writeFile(to, await readFile(from), { flag: 'wx' }).then(
      () => true,
      () => false,
    );
  }
}

const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(() => undefined);

function parse(text: string | undefined): Holder | undefined {
  try {
    const { pid, born } = JSON.parse(text ?? '') as Partial<Holder>;
    return Number.isInteger(pid) && (pid as number) > 0
      ? { pid: pid as number, born: typeof born === 'string' ? born : '' }
      : undefined;
  } catch {
    return undefined;
  }
}

/** On Linux: boot and start time of a process (field 22 of `/proc/<pid>/stat`, see proc(5)); elsewhere empty. */
function birthOnLinux(pid: number): string {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in parentheses and may hold anything.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return `${boot} ${fields[19]}`;
  } catch {
    return '';
  }
}
