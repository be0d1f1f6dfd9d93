import { appendFile, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Cell, type CellResult, keyOf } from './cells.ts';

/** A cell that was run, and what it showed; with `error`, that the invariant did not hold. */
export interface Ran extends Partial<CellResult> {
  readonly cell: Cell;
  readonly error?: string;
}

/** What has been walked over so far, kept in a file of JSON lines, so that a walk can be done in several sittings. */
export class Progress {
  readonly seed: number;
  /** By cell: what it showed last. One that failed is run again by the next sitting. */
  readonly ran = new Map<string, Ran>();
  /** Kills among the writes about people, once all of these were walked over. */
  people: number | undefined;
  /** Minutes of the sittings before this one. */
  minutesBefore = 0;
  readonly #path: string;

  private constructor(path: string, seed: number) {
    this.#path = path;
    this.seed = seed;
  }

  /** Goes on with the file, whose seed counts; starts a new one where there is none. */
  static async open(path: string, seed: number): Promise<Progress> {
    const text = await readFile(path, 'utf8').catch(() => '');
    // A sitting that was killed may have left half a line.
    const lines = text.split('\n').flatMap((line) => {
      try {
        return [JSON.parse(line) as Ran | { seed: number } | { minutes: number } | { people: number }];
      } catch {
        return [];
      }
    });
    const first = lines[0];
    const progress = new Progress(path, first && 'seed' in first ? first.seed : seed);
    for (const line of lines) {
      if ('cell' in line) progress.ran.set(keyOf(line.cell), line);
      if ('people' in line) progress.people = line.people;
      if ('minutes' in line) progress.minutesBefore += line.minutes;
    }
    if (!first) {
      await mkdir(dirname(path), { recursive: true });
      await progress.#append({ seed });
    }
    return progress;
  }

  async add(ran: Ran): Promise<void> {
    this.ran.set(keyOf(ran.cell), ran);
    await this.#append(ran);
  }

  async addPeople(kills: number): Promise<void> {
    this.people = kills;
    await this.#append({ people: kills });
  }

  /** Ends a sitting that leaves cells for the next. */
  leave(minutes: number): Promise<void> {
    return this.#append({ minutes });
  }

  /** There is nothing left to do: the next walk begins anew. */
  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  async #append(line: object): Promise<void> {
    await appendFile(this.#path, `${JSON.stringify(line)}\n`);
  }
}
