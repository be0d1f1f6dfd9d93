import { NearNames } from '../domain/near.ts';
import type { Journal } from '../pipeline/journal/journal.ts';
import type { Position, SummaryPage } from '../results/rows.ts';
import type { ResultStore } from '../results/store.ts';
import { searchWords } from '../results/words.ts';
import type { StorageAccount } from '../storage/account.ts';
import { inputNameOf } from '../storage/input-name.ts';
import { containers } from '../storage/names.ts';

/** Where it is looked: in what there is of these. */
interface NearImagesDeps {
  storage?: StorageAccount;
  journal?: Pick<Journal, 'links'>;
  results?(): Promise<Pick<ResultStore, 'summaries'>>;
}

/** How far is looked for names that are near: an archive of a million is not walked for a slip of the pen. */
interface NearLimits {
  /** Names of jobs: those that begin alike first, then those of the folder, then any. */
  names: number;
  /** Names in the container, in that order: to read one takes as long as twenty of those of jobs. */
  blobs: number;
  /** Rows that have the words of the name, and as many of the newest ones. */
  rows: number;
}

const LIMITS: NearLimits = { names: 20_000, blobs: 1000, rows: 5000 };

/** Blobs that are listed at once: more keep this process from all else while their XML is read. */
const BLOBS_AT_ONCE = 100;

/** Words of a name that are asked for; more make it no rarer. */
const MOST_WORDS = 8;

const PAGE = 500;

interface NearImages {
  /** Names whose last part is the one that was asked for. */
  same: string[];
  near: string[];
  /** Whether there are names that were not compared. */
  partly: boolean;
}

/** Images of that file name, and names like it. */
export async function nearImages(
  name: string,
  deps: NearImagesDeps,
  limits: NearLimits = LIMITS,
): Promise<NearImages> {
  const near = new NearNames(name);
  const same = new Set<string>();
  const look = (one: string): void => {
    if (one.endsWith(`/${name}`)) same.add(one);
    near.add(one);
  };
  const isLinked = (await deps.journal?.links.isComplete()) === true;
  const named = (prefix: string) => (isLinked ? deps.journal?.links.pictures.like(prefix) : undefined);
  const inContainer = (prefix: string) => deps.storage?.blobs.list(containers.input, prefix, BLOBS_AT_ONCE);
  const all = [
    await compare(name, named, limits.names, look),
    // Where the journal of an older version does not name its jobs, the container alone knows them.
    await compare(name, inContainer, isLinked ? limits.blobs : limits.names, look),
  ].every(Boolean);
  // An image that is no longer in the container, or too far down in it, is known by its row.
  for await (const row of rowsOfWords(name, deps, limits)) look(row.name);
  const newest = await rows({}, deps, limits.rows, (row) => look(row.name));
  return { same: [...same], near: near.names, partly: !all || !newest };
}

/**
 * Looks at names that begin alike, then at those of the same folder, then at any.
 *
 * @returns whether that were all
 */
async function compare(
  name: string,
  listed: (prefix: string) => AsyncIterable<string | { name: string }> | undefined,
  most: number,
  look: (one: string) => void,
): Promise<boolean> {
  const folder = name.slice(0, name.lastIndexOf('/') + 1);
  const end = name.lastIndexOf('.');
  const stem = name.slice(folder.length, end > folder.length ? end : undefined);
  const alike = folder + stem.slice(0, Math.ceil(stem.length / 2));
  const seen = new Set<string>();
  for (const prefix of new Set([alike, folder, ''])) {
    for await (const one of listed(prefix) ?? []) {
      const found = typeof one === 'string' ? one : one.name;
      if (seen.has(found)) continue;
      if (seen.size >= most) return false;
      seen.add(found);
      look(found);
    }
  }
  return true;
}

/** The row of an image of exactly this name: of several the one that stands, the newest first. */
export async function rowNamed(name: string, deps: NearImagesDeps): Promise<{ id: string } | undefined> {
  let past: { id: string } | undefined;
  for await (const row of rowsOfWords(name, deps, LIMITS)) {
    if (row.name !== name) continue;
    if (!row.past) return row;
    past ??= row;
  }
  return past;
}

interface NamedRow {
  id: string;
  name: string;
  /** Whether it is of a version that is no more. */
  past: boolean;
}

/** Rows whose words are those of the file's name, by the index of words. */
async function* rowsOfWords(
  name: string,
  deps: NearImagesDeps,
  limits: NearLimits,
): AsyncGenerator<NamedRow> {
  const text = searchWords(name.slice(name.lastIndexOf('/') + 1))
    .slice(0, MOST_WORDS)
    .map(({ word, prefix }) => (prefix ? `${word}*` : word))
    .join(' ');
  const found: NamedRow[] = [];
  if (text !== '') await rows({ text, spelling: 'exact' }, deps, limits.rows, (row) => found.push(row));
  yield* found;
}

/** @returns whether that were all */
async function rows(
  filter: { text?: string; spelling?: 'exact' },
  { results }: NearImagesDeps,
  most: number,
  look: (row: NamedRow) => void,
): Promise<boolean> {
  const store = await results?.();
  let left = most;
  for (let after: Position | undefined; store; ) {
    const page: SummaryPage = await store.summaries({ ...filter, limit: PAGE, ...(after && { after }) });
    for (const { id, imageUrl, status } of page.images) {
      look({
        id,
        name: inputNameOf(imageUrl) ?? imageUrl,
        past: status === 'superseded' || status === 'gone',
      });
    }
    if (page.next === undefined) return true;
    after = page.next;
    // A page may hold none of what was sought, and yet have cost as much.
    left -= PAGE;
    if (left <= 0) return false;
  }
  return true;
}
