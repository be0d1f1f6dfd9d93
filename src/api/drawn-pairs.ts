import type { App } from '../app.ts';
import type { FacePlace } from './contract.ts';
import { looksLikeCopies, toPlace } from './matches.ts';

/** Of so many pairs that are reviewed one was drawn for a calibration. */
export const ONE_IN = 5;

/** A pair that was drawn, in the place of one that is offered. */
interface DrawnItem {
  readonly a: FacePlace;
  readonly b: FacePlace;
  readonly confidence: number;
  readonly margin: null;
  readonly copies: boolean;
  readonly firstSeen: string;
  readonly calibration: true;
}

interface DrawnItems {
  readonly pairs: readonly DrawnItem[];
  /** How far the list has come. */
  readonly last: number | undefined;
}

export const NONE_DRAWN: DrawnItems = { pairs: [], last: undefined };

/** Pairs that were drawn and that nobody has decided. @param after how far the list had come */
export async function drawnAmong(app: App, count: number, after: number | undefined): Promise<DrawnItems> {
  if (count === 0) return { ...NONE_DRAWN, last: after };
  const { ledger } = await app.calibration();
  const pairs = await ledger.undecided({ limit: count, ...(after !== undefined && { after }) });
  const places = await (await app.results()).faces(pairs.flatMap(({ faces }) => faces));
  const byKey = new Map(places.map((place) => [place.face, place]));
  const at = new Date(app.clock()).toISOString();
  return {
    pairs: pairs.flatMap(({ faces: [one, other], score }) => {
      const [a, b] = [byKey.get(one), byKey.get(other)];
      if (!a || !b) return [];
      const places = { a: toPlace(a), b: toPlace(b), copies: looksLikeCopies(a, b) };
      return [{ ...places, confidence: score, margin: null, firstSeen: at, calibration: true as const }];
    }),
    last: pairs.at(-1)?.position ?? after,
  };
}

/** Each drawn pair after some of those that are offered, the rest at the end: no place of its own gives it away. */
export function mixed<T>(offered: readonly T[], drawn: readonly T[]): T[] {
  const items = [...offered];
  drawn.forEach((pair, at) => {
    items.splice(Math.min(items.length, (at + 1) * ONE_IN - 1), 0, pair);
  });
  return items;
}
