import type { ReviewItem } from '../../../api/contract.ts';

/** A pair to decide, and the pairs of copies of the same two pictures, for which the same word holds. */
export interface ReviewPair {
  item: ReviewItem;
  same: readonly ReviewItem[];
}

export const keyOf = (item: ReviewItem): string => `${item.a.face} ${item.b.face}`;

/** Whoever stands at the head of a chain of copies, by face. */
function heads(copies: readonly ReviewItem[]): (face: string) => string {
  const above = new Map<string, string>();
  const headOf = (face: string): string => {
    let head = face;
    for (let next = above.get(head); next !== undefined; next = above.get(head)) head = next;
    return head;
  };
  for (const { a, b } of copies) {
    const [one, two] = [headOf(a.face), headOf(b.face)].sort();
    if (one !== undefined && two !== undefined && one !== two) above.set(two, one);
  }
  return headOf;
}

/**
 * Pairs in the order they came in, with copies of one picture collapsed: two copies are no pair to decide, and pairs with
 * copies of the same picture are decided once.
 */
export function collapse(items: readonly ReviewItem[]): { pairs: ReviewPair[]; copies: ReviewItem[] } {
  const copies = items.filter((item) => item.copies);
  const headOf = heads(copies);
  const groups = new Map<string, { item: ReviewItem; same: ReviewItem[] }>();
  for (const item of items) {
    if (item.copies) continue;
    // Judged by itself: it may be asked about for its own sake.
    if (item.calibration) {
      groups.set(keyOf(item), { item, same: [] });
      continue;
    }
    const key = [headOf(item.a.face), headOf(item.b.face)].sort().join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { item, same: [] });
    else group.same.push(item);
  }
  return { pairs: [...groups.values()], copies };
}

/**
 * What is at hand after the queue was asked again. Surer pairs that have come stand at the end, for the one on the screen
 * keeps its place; it also stays where somebody else has decided it, or the next one would come under the finger.
 *
 * @param now what was at hand
 * @param fresh the beginning of the queue as it is now, surest first
 * @param more whether the queue goes on behind `fresh`
 * @param shown keys of the pair on the screen and its copies
 */
export function atHand(
  now: readonly ReviewItem[],
  fresh: readonly ReviewItem[],
  { more, shown }: { more: boolean; shown: ReadonlySet<string> },
): ReviewItem[] {
  const still = new Set(fresh.map(keyOf));
  const least = Math.min(...fresh.map(({ confidence }) => confidence ?? 1));
  // Less sure than all of these it may stand behind them; one without a score was drawn, and is not drawn every time.
  const isBehind = ({ confidence }: ReviewItem) => more && (confidence === null || confidence <= least);
  const kept = now.filter((item) => still.has(keyOf(item)) || shown.has(keyOf(item)) || isBehind(item));
  const known = new Set(kept.map(keyOf));
  return [...kept, ...fresh.filter((item) => !known.has(keyOf(item)))];
}
