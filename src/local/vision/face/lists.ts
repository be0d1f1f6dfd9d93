import { faceErrors, faceListErrors, type ListErrors, largeFaceListErrors } from '../errors.ts';
import { readJson } from '../http/json.ts';
import { isListId, parseBoolean, parseInteger } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import type { FaceList, ListKind } from '../store/face-lists.ts';
import { requireRecognitionModel } from './models.ts';
import type { FaceContext } from './routes.ts';
import { isUnderTraining } from './training.ts';

/** What differs between the two kinds of list. */
export interface ListShape {
  kind: ListKind;
  /** Path of the collection. */
  path: string;
  idName: 'faceListId' | 'largeFaceListId';
  errors: ListErrors;
  maxLists(context: FaceContext): number;
  maxFaces(context: FaceContext): number;
}

export const FACE_LIST: ListShape = {
  kind: 'faceList',
  path: '/face/v1.0/facelists',
  idName: 'faceListId',
  errors: faceListErrors,
  maxLists: ({ settings }) => settings.limits.faceLists,
  maxFaces: ({ settings }) => settings.limits.facesPerFaceList,
};

export const LARGE_FACE_LIST: ListShape = {
  kind: 'largeFaceList',
  path: '/face/v1.0/largefacelists',
  idName: 'largeFaceListId',
  errors: largeFaceListErrors,
  maxLists: ({ settings }) => settings.limits.largeFaceLists,
  maxFaces: ({ settings }) => settings.limits.facesPerLargeFaceList,
};

/** Create, read, update and delete lists. */
export function listRoutes(shape: ListShape, context: FaceContext): Route[] {
  const path = `${shape.path}/{listId}`;
  return [
    { method: 'PUT', path, handle: (request) => create(shape, request, context) },
    { method: 'GET', path: shape.path, handle: (request) => listAll(shape, request, context) },
    { method: 'GET', path, handle: (request) => get(shape, request, context) },
    { method: 'PATCH', path, handle: (request) => update(shape, request, context) },
    {
      method: 'DELETE',
      path,
      handle: async (request) => {
        await context.lists.delete(requireIdleList(shape, request, context));
        return ok();
      },
    },
  ];
}

/** The list that a call's path names. */
export function requireList(shape: ListShape, request: EngineRequest, context: FaceContext): FaceList {
  const { listId } = request.params;
  if (!isListId(listId)) throw shape.errors.idInvalid();
  const list = context.lists.find(shape.kind, listId);
  if (!list) throw shape.errors.notFound();
  return list;
}

/** The same, for calls that the service refuses while the list is being trained. */
export function requireIdleList(shape: ListShape, request: EngineRequest, context: FaceContext): FaceList {
  const list = requireList(shape, request, context);
  if (isUnderTraining(list.state, context.settings.clock())) throw largeFaceListErrors.underTraining();
  return list;
}

async function create(shape: ListShape, request: EngineRequest, context: FaceContext): Promise<Reply> {
  const id = request.params.listId;
  if (!isListId(id)) throw shape.errors.idInvalid();
  const body = await readJson(request, faceErrors);
  const name = parseName(body.name);
  if (name === undefined) throw faceErrors.badArgument("'name' is empty.");
  const userData = parseUserData(body.userData, 16_384) ?? null;
  const recognitionModel = requireRecognitionModel(body.recognitionModel);
  if (context.lists.find(shape.kind, id)) throw shape.errors.exists();
  if (context.lists.count(shape.kind) >= shape.maxLists(context)) throw shape.errors.listQuota();
  context.lists.create(shape.kind, { id, name, userData, recognitionModel });
  return ok();
}

async function update(shape: ListShape, request: EngineRequest, context: FaceContext): Promise<Reply> {
  requireIdleList(shape, request, context);
  const body = await readJson(request, faceErrors);
  const name = parseName(body.name);
  const userData = parseUserData(body.userData, 16_384);
  if (name === undefined && userData === undefined)
    throw faceErrors.badArgument("Both 'name' and 'userData' are empty.");
  const list = requireIdleList(shape, request, context);
  context.lists.update(list, name ?? list.name, userData ?? list.userData);
  return ok();
}

function listAll(shape: ListShape, request: EngineRequest, context: FaceContext): Reply {
  // FaceLists come all at once: there are at most 64.
  const { start, top } =
    shape.kind === 'largeFaceList' ? parsePage(request.query) : { start: '', top: 1_000_000 };
  const withModel = parseReturnModel(request.query);
  return ok(context.lists.page(shape.kind, start, top).map((list) => describeList(shape, list, withModel)));
}

function get(shape: ListShape, request: EngineRequest, context: FaceContext): Reply {
  const withModel = parseReturnModel(request.query);
  const list = requireList(shape, request, context);
  const description = describeList(shape, list, withModel);
  if (shape.kind === 'largeFaceList') return ok(description);
  const faces = context.lists.pageFaces(list, '', 1_000_000).map(withoutNulls);
  return ok({ persistedFaces: faces, ...description });
}

function describeList(shape: ListShape, list: FaceList, withModel: boolean): Record<string, unknown> {
  return withoutNulls({
    [shape.idName]: list.id,
    name: list.name,
    userData: list.userData,
    recognitionModel: withModel ? list.recognitionModel : null,
  });
}

export function withoutNulls(value: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([, property]) => property !== null));
}

function parseReturnModel(query: URLSearchParams): boolean {
  const value = parseBoolean(query.get('returnRecognitionModel'), false);
  if (value === undefined) throw faceErrors.badArgument("'returnRecognitionModel' is invalid.");
  return value;
}

export function parsePage(query: URLSearchParams): { start: string; top: number } {
  const start = query.get('start') ?? '';
  if (start.length > 64) throw faceErrors.badArgument("'start' is too long.");
  const top = parseInteger(query.get('top'), 1000, 1, 1000);
  if (top === undefined) throw faceErrors.badArgument("'top' is invalid.");
  return { start, top };
}

function parseName(value: unknown): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') throw faceErrors.bodyInvalid();
  if (value.length > 128) throw faceErrors.badArgument("'name' is too long.");
  return value;
}

/** @param max characters */
export function parseUserData(value: unknown, max: number): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw faceErrors.bodyInvalid();
  if (value.length > max) throw faceErrors.badArgument("'userData' is too long.");
  return value;
}
