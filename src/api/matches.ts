import type { App } from '../app.ts';
import { fileName } from '../domain/file-name.ts';
import { type FiguresSource, figuresFor, type MatchWorth, matchWorth } from '../domain/match-worth.ts';
import { worthByCalibration } from '../people/calibration/worth.ts';
import { marginsToNextPerson } from '../people/margin.ts';
import type { FacePlace, PairView } from '../results/pair-view.ts';
import type { FacePlace as FacePlaceView, Match } from './contract.ts';

export const toPlace = (place: FacePlace): FacePlaceView => ({
  face: place.face,
  imageId: place.imageId,
  batchId: place.batchId ?? null,
  name: fileName(place.imageUrl),
  rectangle: place.rectangle,
  hasCrop: place.crop !== undefined,
  imageWidth: place.imageWidth ?? null,
  imageHeight: place.imageHeight ?? null,
});

/** Says of a confidence what it is worth in the archive as it is now. */
type Worth = (confidence: number) => MatchWorth;

export async function worthIn({
  settings,
  results,
  calibration,
}: Pick<App, 'settings' | 'results' | 'calibration'>): Promise<Worth> {
  const faces = await (await results()).counts.faces();
  const { ledger, model } = await calibration();
  const source: FiguresSource | null = figuresFor(settings.FACE_ENDPOINT, model);
  const known = await ledger.latest(model, true);
  return (confidence) => ({
    ...matchWorth(confidence, faces, source),
    ...(known && { archive: worthByCalibration(known.result, confidence, faces) }),
  });
}

/** The groups of the faces of some pairs: margins are to the next of them. */
export const groupsOfPairs = async (
  { people }: Pick<App, 'people'>,
  pairs: readonly PairView[],
): Promise<ReadonlyMap<string, string>> =>
  pairs.length === 0
    ? new Map()
    : (await people()).groups.idsOf(new Set(pairs.flatMap(({ a, b }) => [a.face, b.face])));

/**
 * Pairs as one of their two sides sees them: those rejected apart, for they are shown only to undo that.
 *
 * @param groups the group of each face
 */
export function matchesSeenFrom(
  pairs: readonly PairView[],
  isOwn: (place: FacePlace) => boolean,
  worth: Worth,
  groups: ReadonlyMap<string, string>,
): { matches: Match[]; rejectedMatches: Match[] } {
  const matches: Match[] = [];
  const rejectedMatches: Match[] = [];
  const seen = pairs.map((pair) =>
    isOwn(pair.a)
      ? { pair, own: pair.a, other: pair.b, margin: pair.marginA }
      : { pair, own: pair.b, other: pair.a, margin: pair.marginB },
  );
  const margins = new Map<PairView, number | undefined>();
  for (const [face, some] of Map.groupBy(seen, ({ own }) => own.face)) {
    // Whoever was rejected is no candidate any more.
    const standing = some.filter(({ pair }) => pair.decision?.verdict !== 'notSame');
    const found = marginsToNextPerson(
      standing.map(({ pair: { confidence }, other, margin }) => ({
        group: groups.get(other.face) ?? other.face,
        confidence,
        margin,
      })),
      groups.get(face),
    );
    standing.forEach(({ pair }, index) => {
      margins.set(pair, found[index]);
    });
  }
  for (const { pair, own, other } of seen) {
    const match: Match = {
      face: own.face,
      other: toPlace(other),
      confidence: pair.confidence,
      margin: margins.get(pair) ?? null,
      worth: worth(pair.confidence),
      firstSeen: pair.firstSeen,
      decision: pair.decision ?? null,
    };
    (pair.decision?.verdict === 'notSame' ? rejectedMatches : matches).push(match);
  }
  return { matches, rejectedMatches };
}

/**
 * How far the next person lies below each pair, on the side where that is least: of a pair by itself nobody knows which of its
 * two faces looks like somebody else as well.
 *
 * @returns in the order of `pairs`; null where nobody else is known
 */
export async function leastMargins(
  app: Pick<App, 'results' | 'people'>,
  pairs: readonly PairView[],
): Promise<(number | null)[]> {
  if (pairs.length === 0) return [];
  const own = new Set(pairs.flatMap(({ a, b }) => [a.face, b.face]));
  const neighbours = await (await app.results()).decisions.neighbours(own);
  const groups = await (await app.people()).groups.idsOf(
    new Set([...own, ...[...neighbours.values()].flatMap((some) => some.map(({ face }) => face))]),
  );
  const marginOf = (face: string, other: string) => {
    const some = neighbours.get(face) ?? [];
    const at = some.findIndex((one) => one.face === other);
    const candidates = some.map((one) => ({ ...one, group: groups.get(one.face) ?? one.face }));
    return marginsToNextPerson(candidates, groups.get(face))[at];
  };
  return pairs.map(({ a, b }) => {
    const known = [marginOf(a.face, b.face), marginOf(b.face, a.face)].filter((one) => one !== undefined);
    return known.length > 0 ? Math.min(...known) : null;
  });
}
