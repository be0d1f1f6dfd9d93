import { faceErrors, faceListErrors, largeFaceListErrors } from '../errors.ts';
import { readJson } from '../http/json.ts';
import { isListId, isUuid } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import { confidenceOf, GROUPING_DISTANCE } from '../models/similarity.ts';
import type { TransientFace } from '../store/face-ids.ts';
import { FaceprintIndex, type Neighbour, type SearchOptions } from './faceprint-index.ts';
import type { FaceContext } from './routes.ts';
import { isUnderTraining, trainedSnapshot } from './training.ts';

export function findSimilarRoutes(context: FaceContext): Route[] {
  return [
    { method: 'POST', path: '/face/v1.0/findsimilars', handle: (request) => findSimilar(request, context) },
  ];
}

interface FindSimilarRequest {
  faceId: string;
  scope: { faceListId: string } | { largeFaceListId: string } | { faceIds: string[] };
  limit: number;
  mode: 'matchPerson' | 'matchFace';
}

async function findSimilar(request: EngineRequest, context: FaceContext): Promise<Reply> {
  const wanted = parseRequest(await readJson(request, faceErrors));
  const query = context.faceIds.find(wanted.faceId);
  if (!query) throw faceErrors.faceNotFound();
  const { scope } = wanted;
  const search = {
    limit: wanted.limit,
    // matchPerson keeps to the threshold for one person; matchFace ranks whatever there is.
    maxDistance: wanted.mode === 'matchPerson' ? GROUPING_DISTANCE : Number.POSITIVE_INFINITY,
    upTo: Number.MAX_SAFE_INTEGER,
  };
  if ('faceIds' in scope) return ok(toAnswer('faceId', amongFaces(query, scope.faceIds, search, context)));
  const neighbours = await ('faceListId' in scope
    ? inFaceList(query, scope.faceListId, search, context)
    : inLargeFaceList(query, scope.largeFaceListId, search, context));
  return ok(toAnswer('persistedFaceId', neighbours));
}

function toAnswer(name: 'faceId' | 'persistedFaceId', neighbours: Neighbour[]) {
  return neighbours.map(({ id, distance }) => ({
    [name]: id,
    confidence: Math.round(confidenceOf(distance) * 1e5) / 1e5,
  }));
}

function inFaceList(query: TransientFace, id: string, search: SearchOptions, context: FaceContext) {
  const list = context.lists.find('faceList', id);
  if (!list) throw faceListErrors.notFound(400);
  requireSameModel(query, list.recognitionModel);
  if (context.lists.size(list) === 0) throw faceListErrors.notReady();
  return context.lists.nearest(list, query.faceprint, search);
}

function inLargeFaceList(query: TransientFace, id: string, search: SearchOptions, context: FaceContext) {
  const list = context.lists.find('largeFaceList', id);
  if (!list) throw largeFaceListErrors.notFound(400);
  requireSameModel(query, list.recognitionModel);
  const now = context.settings.clock();
  const snapshot = trainedSnapshot(list.state, now);
  if (!snapshot) {
    if (isUnderTraining(list.state, now)) throw largeFaceListErrors.underTraining();
    throw largeFaceListErrors.notTrained(400);
  }
  return context.lists.nearest(list, query.faceprint, { ...search, upTo: snapshot.seq });
}

function amongFaces(query: TransientFace, ids: string[], search: SearchOptions, context: FaceContext) {
  const index = new FaceprintIndex();
  for (const [i, id] of ids.entries()) {
    const face = context.faceIds.find(id);
    if (!face) throw faceErrors.faceNotFound();
    requireSameModel(query, face.recognitionModel);
    if (!index.has(id)) index.add(i + 1, id, face.faceprint);
  }
  return index.nearest(query.faceprint, search);
}

export function requireSameModel(face: TransientFace, model: string): void {
  if (face.recognitionModel !== model) throw faceErrors.recognitionModelIncompatible();
}

function parseRequest(body: Record<string, unknown>): FindSimilarRequest {
  if (!isUuid(body.faceId)) throw faceErrors.badArgument('Face ID is invalid.');
  const limit = body.maxNumOfCandidatesReturned ?? 20;
  if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < 1 || limit > 1000)
    throw faceErrors.badArgument('The argument maxNumOfCandidatesReturned is not valid.');
  const mode = body.mode ?? 'matchPerson';
  if (mode !== 'matchPerson' && mode !== 'matchFace') throw faceErrors.badArgument('Mode is invalid.');
  return { faceId: body.faceId, scope: parseScope(body), limit, mode };
}

function parseScope({
  faceListId,
  largeFaceListId,
  faceIds,
}: Record<string, unknown>): FindSimilarRequest['scope'] {
  const given = [faceListId, largeFaceListId, faceIds].filter(
    (scope) => scope !== undefined && scope !== null,
  );
  if (given.length === 0)
    throw faceErrors.badArgument('LargeFaceListId, faceListId and faceIds are all null.');
  if (given.length > 1)
    throw faceErrors.badArgument('2 or more of largeFaceListId, faceListId and faceIds are not null.');
  if (faceIds !== undefined && faceIds !== null) return { faceIds: parseFaceIds(faceIds, 1) };
  if (faceListId !== undefined && faceListId !== null) {
    if (!isListId(faceListId)) throw faceListErrors.idInvalid();
    return { faceListId };
  }
  if (!isListId(largeFaceListId)) throw largeFaceListErrors.idInvalid();
  return { largeFaceListId };
}

/** Transient ids, between `min` and 1,000 of them. */
function parseFaceIds(value: unknown, min: number): string[] {
  if (!Array.isArray(value) || value.length < min || value.length > 1000)
    throw faceErrors.badArgument('The length of faceIds is not in a valid range.');
  return value.map((id: unknown) => {
    if (!isUuid(id)) throw faceErrors.badArgument('Face ID is invalid.');
    return id.toLowerCase();
  });
}
