import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';

/** Another launcher works on this data folder. */
export class LockedError extends Error {
  override readonly name = 'LockedError';
}

interface Holder {
  pid: number;
  /** Tells a process from a later one with the same pid, where the system can say. */
  born: string;
}

export interface Lock {
  /** Safe to repeat. */
  release(): Promise<void>;
}

/**
 * Takes the data folder for this process alone. The lock of a process that is gone is taken over.
 *
 * @throws {LockedError} naming the process that holds it
 */
export async function takeLock(file: string): Promise<Lock> {
  const mine = JSON.stringify({ pid: process.pid, born: bornOf(process.pid) } satisfies Holder);
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, mine);
  try {
    // Each round either takes the lock, finds its holder alive, or clears away one dead holder.
    for (let round = 0; round < 5; round += 1) {
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
      await clearDead(file, found, `${draft}.dead`);
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

/** Moves the dead lock aside; if another launcher has taken it meanwhile, that one is put back. */
async function clearDead(file: string, found: string | undefined, aside: string): Promise<void> {
  try {
    await rename(file, aside);
  } catch {
    return;
  }
  if ((await textOf(aside)) !== found) await linked(aside, file);
  await rm(aside, { force: true });
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

function isAlive({ pid, born }: Holder): boolean {
  if (born !== bornOf(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** On Linux: boot and start time of a process (field 22 of `/proc/<pid>/stat`, see proc(5)); elsewhere empty. */
function bornOf(pid: number): string {
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
