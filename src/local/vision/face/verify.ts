import { faceErrors } from '../errors.ts';
import { readJson } from '../http/json.ts';
import { isUuid } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import { confidenceOf, faceDistance, GROUPING_DISTANCE } from '../models/similarity.ts';
import { requireSameModel } from './find-similar.ts';
import type { FaceContext } from './routes.ts';

export function verifyRoutes(context: FaceContext): Route[] {
  return [{ method: 'POST', path: '/face/v1.0/verify', handle: (request) => verify(request, context) }];
}

/** Face to face only: the engine keeps no person groups. */
async function verify(request: EngineRequest, context: FaceContext): Promise<Reply> {
  const { faceId1, faceId2 } = await readJson(request, faceErrors);
  if (!isUuid(faceId1) || !isUuid(faceId2)) throw faceErrors.badArgument('Face ID is invalid.');
  const one = context.faceIds.find(faceId1);
  const other = context.faceIds.find(faceId2);
  if (!one || !other) throw faceErrors.faceNotFound(404);
  requireSameModel(one, other.recognitionModel);
  const apart = faceDistance(one.faceprint, other.faceprint);
  return ok({
    isIdentical: apart <= GROUPING_DISTANCE,
    confidence: Math.round(confidenceOf(apart) * 1e5) / 1e5,
  });
}
