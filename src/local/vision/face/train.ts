import { largeFaceListErrors } from '../errors.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import { LARGE_FACE_LIST, requireIdleList, requireList } from './lists.ts';
import type { FaceContext } from './routes.ts';
import { trainedSnapshot, trainingStatus } from './training.ts';

export function trainRoutes(context: FaceContext): Route[] {
  const list = `${LARGE_FACE_LIST.path}/{listId}`;
  return [
    { method: 'POST', path: `${list}/train`, handle: (request) => train(request, context) },
    { method: 'GET', path: `${list}/training`, handle: (request) => status(request, context) },
  ];
}

function train(request: EngineRequest, context: FaceContext): Reply {
  const list = requireIdleList(LARGE_FACE_LIST, request, context);
  const now = context.settings.clock();
  context.lists.saveTraining(list, {
    training: {
      started: now,
      ends: now + context.settings.trainingMs,
      faces: context.lists.size(list),
      seq: context.lists.newestSeq(list),
    },
    previous: trainedSnapshot(list.state, now),
  });
  return { status: 202 };
}

function status(request: EngineRequest, context: FaceContext): Reply {
  const list = requireList(LARGE_FACE_LIST, request, context);
  const answer = trainingStatus(list.state, context.settings.clock());
  if (!answer) throw largeFaceListErrors.notTrained(404);
  return ok(answer);
}
