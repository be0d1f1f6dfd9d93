import { personNode } from '../../people/node.ts';
import { looksLikeCopies } from '../../results/copies.ts';
import { drawnAmong, knownOneIn, mixed, NONE_DRAWN, ONE_IN, withKnown } from '../blind-pairs.ts';
import type { Handler } from '../call.ts';
import type { ReviewItem } from '../contract.ts';
import { fromCursor, reviewPosition, toCursor } from '../cursor.ts';
import { leastMargins, toPlace, worthIn } from '../matches.ts';

export const review: Handler<'review'> = async ({
  app,
  person: reader,
  query: { minConfidence, batch, person, after, limit },
}) => {
  const [confidence, a, b, drawnAfter, skip] = after === undefined ? [] : fromCursor(after, reviewPosition);
  const results = await app.results();
  // Whoever asks for sure pairs, or for those of a batch or a person, is not given others.
  const isWhole =
    batch === undefined && person === undefined && minConfidence <= app.settings.FACE_MATCH_CONFIDENCE;
  const drawn = isWhole
    ? await drawnAmong(app, Math.floor(limit / ONE_IN), drawnAfter ?? undefined)
    : NONE_DRAWN;
  const oneIn = isWhole ? await knownOneIn(app, reader) : 0;
  const room = limit - drawn.pairs.length;
  const most = oneIn === 0 ? 0 : Math.min(Math.ceil(limit / oneIn), room - 1);
  const { pairs, next } = await results.decisions.reviewPage({
    minConfidence,
    limit: room - most,
    ...(batch !== undefined && { batchId: batch }),
    ...(person !== undefined && { groupId: personNode(person) }),
    ...(confidence !== undefined && a !== undefined && b !== undefined && { after: { confidence, a, b } }),
  });
  const [worth, margins] = await Promise.all([worthIn(app), leastMargins(app, pairs)]);
  const offered = pairs.map(
    (pair, at): ReviewItem => ({
      a: toPlace(pair.a),
      b: toPlace(pair.b),
      confidence: pair.confidence,
      margin: margins[at] ?? null,
      worth: worth(pair.confidence),
      copies: looksLikeCopies(pair.a, pair.b),
      firstSeen: pair.firstSeen,
      calibration: false,
    }),
  );
  const real = mixed<ReviewItem>(
    offered,
    // One that is offered on the same page is not asked about twice.
    drawn.pairs.filter(({ a, b }) => !offered.some((one) => one.a.face === a.face && one.b.face === b.face)),
  );
  const { items, planted } =
    oneIn === 0
      ? { items: real, planted: 0 }
      : await withKnown(app, reader, real, { oneIn, most, skip: skip ?? 0 });
  return {
    items,
    next:
      next === undefined
        ? null
        : toCursor([next.confidence, next.a, next.b, drawn.last ?? null, (skip ?? 0) + planted]),
  };
};
