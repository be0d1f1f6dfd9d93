import type { FacePlace, PairView } from '../results/pair-view.ts';
import type { FacePlace as FacePlaceView, Match } from './contract.ts';
import { fileName } from './file-name.ts';

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

/** Pairs as one of their two sides sees them: those rejected apart, for they are shown only to undo that. */
export function matchesSeenFrom(
  pairs: readonly PairView[],
  isOwn: (place: FacePlace) => boolean,
): { matches: Match[]; rejectedMatches: Match[] } {
  const matches: Match[] = [];
  const rejectedMatches: Match[] = [];
  for (const pair of pairs) {
    const fromA = isOwn(pair.a);
    const [own, other, margin] = fromA ? [pair.a, pair.b, pair.marginA] : [pair.b, pair.a, pair.marginB];
    const match: Match = {
      face: own.face,
      other: toPlace(other),
      confidence: pair.confidence,
      margin: margin ?? null,
      firstSeen: pair.firstSeen,
      decision: pair.decision ?? null,
    };
    (pair.decision?.verdict === 'notSame' ? rejectedMatches : matches).push(match);
  }
  return { matches, rejectedMatches };
}
