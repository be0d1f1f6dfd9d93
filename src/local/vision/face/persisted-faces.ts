import type { Box } from '../analysis.ts';
import { faceErrors } from '../errors.ts';
import { readJson } from '../http/json.ts';
import { isUuid, parseTargetFace } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import type { FaceList } from '../store/face-lists.ts';
import { faceImageRules, readFaces, selectFace } from './faces.ts';
import {
  type ListShape,
  parsePage,
  parseUserData,
  requireIdleList,
  requireList,
  withoutNulls,
} from './lists.ts';
import { requireDetectionModel } from './models.ts';
import type { FaceContext } from './routes.ts';

/** Characters of a face's user data. */
const USER_DATA = 1024;

/**
 * The faces of a list. A deleted face is gone at once, from searches too: the service does not say whether it waits
 * for the next training, and the person who asked to be erased should not.
 */
export function persistedFaceRoutes(shape: ListShape, context: FaceContext): Route[] {
  const faces = `${shape.path}/{listId}/persistedfaces`;
  const face = `${faces}/{faceId}`;
  const routes: Route[] = [
    { method: 'POST', path: faces, handle: (request) => addFace(shape, request, context) },
    {
      method: 'DELETE',
      path: face,
      handle: async (request) => {
        const list = requireIdleList(shape, request, context);
        await context.lists.deleteFace(list, requireFace(list, request, context).persistedFaceId);
        return ok();
      },
    },
  ];
  if (shape.kind === 'faceList') return routes;
  return [
    ...routes,
    {
      method: 'GET',
      path: faces,
      handle: (request) => {
        const { start, top } = parsePage(request.query);
        const list = requireList(shape, request, context);
        return ok(context.lists.pageFaces(list, start, top).map(withoutNulls));
      },
    },
    {
      method: 'GET',
      path: face,
      handle: (request) =>
        ok(withoutNulls(requireFace(requireList(shape, request, context), request, context))),
    },
    { method: 'PATCH', path: face, handle: (request) => updateFace(shape, request, context) },
  ];
}

async function addFace(shape: ListShape, request: EngineRequest, context: FaceContext): Promise<Reply> {
  const before = requireIdleList(shape, request, context);
  requireRoom(shape, before, context);
  const target = parseTarget(request.query.get('targetFace'));
  const userData = parseUserData(request.query.get('userData'), USER_DATA) ?? null;
  requireDetectionModel(request.query.get('detectionModel'));
  const image = await readFaces(
    request,
    faceImageRules(context.settings.limits),
    context.settings,
    before.recognitionModel,
  );
  const face = selectFace(image, target);
  // Looked up again: the list may have changed while the face was being found.
  const list = requireIdleList(shape, request, context);
  if (list.recognitionModel !== before.recognitionModel) throw faceErrors.recognitionModelIncompatible();
  requireRoom(shape, list, context);
  const persistedFaceId = context.settings.newId();
  context.lists.addFace(list, persistedFaceId, userData, face.faceprint);
  return ok({ persistedFaceId });
}

async function updateFace(shape: ListShape, request: EngineRequest, context: FaceContext): Promise<Reply> {
  const body = await readJson(request, faceErrors);
  const userData = parseUserData(body.userData, USER_DATA) ?? null;
  const list = requireIdleList(shape, request, context);
  context.lists.updateFace(list, requireFace(list, request, context).persistedFaceId, userData);
  return ok();
}

function requireRoom(shape: ListShape, list: FaceList, context: FaceContext): void {
  if (context.lists.size(list) >= shape.maxFaces(context)) throw faceErrors.persistedFaceQuota();
}

function requireFace(list: FaceList, request: EngineRequest, context: FaceContext) {
  const id = request.params.faceId;
  const face = isUuid(id) ? context.lists.findFace(list, id) : undefined;
  if (!face) throw faceErrors.persistedFaceNotFound();
  return face;
}

function parseTarget(value: string | null): Box | undefined {
  if (value === null || value === '') return undefined;
  const target = parseTargetFace(value);
  if (!target) throw faceErrors.targetFaceInvalid();
  return target;
}
