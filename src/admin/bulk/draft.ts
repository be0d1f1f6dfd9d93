import type { DeadLetterKey, DeadLetters } from '../../pipeline/journal/dead-letters.ts';
import type { BulkAct, BulkDetail, BulkKind } from '../../results/bulk.ts';
import type { ImageFilter } from '../../results/rows.ts';
import type { ResultStore } from '../../results/store.ts';
import { letterItem } from './letter-item.ts';

/** Items of one act: more than a person looks over, and few enough to be listed in one transaction. */
const MAX_ITEMS = 20_000;
/** An erasure has a list of its own, of more about each image. */
const MAX_ERASED = 5000;

/** What an act is to be about: images by their ids or by a filter, or dead letters. */
export type BulkItems =
  | { images: readonly string[] }
  /** All that fit now, but for some. */
  | { filter: Omit<ImageFilter, 'after' | 'limit'>; without: readonly string[] }
  | { letters: readonly DeadLetterKey[] }
  /** The dead letters of one queue that died of one thing. */
  | { queue: string; code: string };

/** What was asked cannot be done as it was asked: says what to change. */
export class BulkRefusedError extends Error {
  override readonly name = 'BulkRefusedError';
  readonly code: 'NothingFits' | 'TooMany' | 'WrongItems';

  constructor(code: BulkRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

interface DraftDeps {
  deadLetters: DeadLetters;
  results(): Promise<ResultStore>;
}

/**
 * Lists exactly what an act is about, for a person to confirm. What comes later is not in it, whatever it fits.
 *
 * @throws {BulkRefusedError}
 */
export async function draftBulkAct(
  kind: BulkKind,
  asked: BulkItems,
  detail: BulkDetail,
  who: string,
  deps: DraftDeps,
): Promise<BulkAct> {
  const ofLetters = kind === 'replay' || kind === 'drop';
  if (ofLetters !== ('letters' in asked || 'queue' in asked)) {
    throw new BulkRefusedError(
      'WrongItems',
      `"${kind}" is done to ${ofLetters ? 'messages that were given up: name letters, or a queue and a code' : 'images: name their ids, or a filter'}.`,
    );
  }
  const most = kind === 'erase' ? MAX_ERASED : MAX_ITEMS;
  const items = [...new Set(await itemsOf(asked, most, deps))];
  if (items.length > most) throw tooMany(most);
  if (items.length === 0) {
    throw new BulkRefusedError('NothingFits', 'There is nothing any more that fits: look again.');
  }
  return (await deps.results()).bulk.draft(kind, items, detail, who);
}

async function itemsOf(
  asked: BulkItems,
  most: number,
  { deadLetters, results }: DraftDeps,
): Promise<string[]> {
  if ('images' in asked) return [...asked.images];
  if ('letters' in asked) return asked.letters.map(letterItem);
  if ('filter' in asked) {
    const without = new Set(asked.without);
    const { ids, more } = await (await results()).ids(asked.filter, most + without.size);
    if (more) throw tooMany(most);
    return ids.filter((id) => !without.has(id));
  }
  const items: string[] = [];
  for await (const { queue, id, error } of deadLetters.summaries({ queue: asked.queue })) {
    if (error.code === asked.code) items.push(letterItem({ queue, id }));
    if (items.length > most) throw tooMany(most);
  }
  return items;
}

const tooMany = (most: number) =>
  new BulkRefusedError(
    'TooMany',
    `More than ${most} fit: take fewer at a time, by a batch or by days, for instance.`,
  );
