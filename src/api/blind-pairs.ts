import { createHash } from 'node:crypto';
import type { App } from '../app.ts';
import { reviewerOf } from '../people/enquiry/standing.ts';
import { looksLikeCopies } from '../results/copies.ts';
import type { FacePlace as StoredPlace } from '../results/pair-view.ts';
import type { FacePlace, ReviewItem } from './contract.ts';
import { toPlace } from './matches.ts';
import type { Person } from './person.ts';

/** Of so many pairs that are reviewed one was drawn for a calibration. */
export const ONE_IN = 5;

/** A pair to be decided without how sure the machine is. */
export interface BlindItem extends ReviewItem {
  readonly confidence: null;
  readonly calibration: true;
}

/** All of them look alike, whatever they are shown for. */
const blind = (a: FacePlace, b: FacePlace, copies: boolean, at: string): BlindItem => ({
  ...{ a, b, copies, confidence: null, margin: null, worth: null },
  firstSeen: at,
  calibration: true,
});

async function blindItems(
  app: App,
  pairs: readonly { faces: readonly [string, string] }[],
): Promise<BlindItem[]> {
  if (pairs.length === 0) return [];
  const places = await (await app.results()).faces(pairs.flatMap(({ faces }) => faces));
  const byKey = new Map<string, StoredPlace>(places.map((place) => [place.face, place]));
  const at = new Date(app.clock()).toISOString();
  return pairs.flatMap(({ faces: [one, other] }) => {
    const [a, b] = [byKey.get(one), byKey.get(other)];
    return a && b ? [blind(toPlace(a), toPlace(b), looksLikeCopies(a, b), at)] : [];
  });
}

interface DrawnItems {
  readonly pairs: readonly BlindItem[];
  /** How far the list has come. */
  readonly last: number | undefined;
}

export const NONE_DRAWN: DrawnItems = { pairs: [], last: undefined };

/** Pairs that were drawn and that nobody has decided. @param after how far the list had come */
export async function drawnAmong(app: App, count: number, after: number | undefined): Promise<DrawnItems> {
  if (count === 0) return { ...NONE_DRAWN, last: after };
  const { ledger } = await app.calibration();
  const pairs = await ledger.undecided({ limit: count, ...(after !== undefined && { after }) });
  return { pairs: await blindItems(app, pairs), last: pairs.at(-1)?.position ?? after };
}

/** Each drawn pair after some of those that are offered, the rest at the end: no place of its own gives it away. */
export function mixed<T>(offered: readonly T[], drawn: readonly T[]): T[] {
  const items = [...offered];
  drawn.forEach((pair, at) => {
    items.splice(Math.min(items.length, (at + 1) * ONE_IN - 1), 0, pair);
  });
  return items;
}

/** How often whoever asks is to meet a pair whose answer is known, one in so many; 0 where they have not agreed to it. */
export const knownOneIn = async (app: App, person: Person): Promise<number> =>
  person.signedIn ? (await app.calibration()).measuring.oneInFor(person) : 0;

/**
 * Real pairs with some among them whose answer is known, one in `oneIn`, at any place. As many of the real ones are shown
 * without how sure the machine is, always the same: else that would tell which ones are known.
 *
 * @param skip known pairs that pages before had
 * @param most that the page has room for
 * @returns `planted`: how many there are among the items
 */
export async function withKnown(
  app: App,
  person: Person,
  real: readonly ReviewItem[],
  { oneIn, skip, most }: { oneIn: number; skip: number; most: number },
): Promise<{ items: ReviewItem[]; planted: number }> {
  const at = new Date(app.clock()).toISOString();
  const items = real.map((item) =>
    isAmongOneIn(oneIn, `${reviewerOf(person)} ${item.a.face} ${item.b.face}`)
      ? blind(item.a, item.b, item.copies, at)
      : item,
  );
  const count = Math.min(most, Math.floor(real.length / (oneIn - 1) + app.random()));
  const { measuring } = await app.calibration();
  const pairs = await measuring.pairs.plant(person, count, skip);
  for (const item of await blindItems(app, pairs))
    items.splice(Math.floor(app.random() * (items.length + 1)), 0, item);
  return { items, planted: pairs.length };
}

const isAmongOneIn = (oneIn: number, name: string): boolean =>
  createHash('sha256').update(name).digest().readUInt32BE() % oneIn === 0;
