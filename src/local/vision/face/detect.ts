import { faceErrors } from '../errors.ts';
import { toPixels } from '../geometry.ts';
import { parseBoolean, parseInteger } from '../http/query.ts';
import { type EngineRequest, ok, type Reply, type Route } from '../http/router.ts';
import { describeAttributes } from './attributes.ts';
import { faceImageRules, readFaces } from './faces.ts';
import { toFaceLandmarks } from './landmarks.ts';
import {
  type FaceAttribute,
  type RecognitionModel,
  requireAttributes,
  requireDetectionModel,
  requireRecognitionModel,
} from './models.ts';
import type { FaceContext } from './routes.ts';

export function detectRoutes(context: FaceContext): Route[] {
  return [{ method: 'POST', path: '/face/v1.0/detect', handle: (request) => detect(request, context) }];
}

async function detect(request: EngineRequest, context: FaceContext): Promise<Reply> {
  const { settings, faceIds } = context;
  const query = parseDetectQuery(request.query);
  if (query.faceId && !settings.limitedAccess) throw faceErrors.missingApproval();
  const { info, faces } = await readFaces(
    request,
    faceImageRules(settings.limits),
    settings,
    query.recognitionModel,
  );
  const ids = query.faceId
    ? faceIds.issue(
        faces.map((face) => face.faceprint),
        query.recognitionModel,
        query.ttlSeconds,
      )
    : [];
  return ok(
    faces.map((face, i) => ({
      ...(query.faceId ? { faceId: ids[i] } : {}),
      ...(query.showRecognitionModel ? { recognitionModel: query.recognitionModel } : {}),
      faceRectangle: toPixels(face.box, info),
      ...(query.landmarks ? { faceLandmarks: toFaceLandmarks(face.landmarks) } : {}),
      ...(query.attributes.length > 0 ? { faceAttributes: describeAttributes(face, query.attributes) } : {}),
    })),
  );
}

interface DetectQuery {
  faceId: boolean;
  landmarks: boolean;
  attributes: FaceAttribute[];
  recognitionModel: RecognitionModel;
  showRecognitionModel: boolean;
  ttlSeconds: number;
}

function parseDetectQuery(query: URLSearchParams): DetectQuery {
  const boolean = (name: string, byDefault: boolean): boolean => {
    const value = parseBoolean(query.get(name), byDefault);
    if (value === undefined) throw faceErrors.badArgument(`'${name}' is invalid.`);
    return value;
  };
  const faceId = boolean('returnFaceId', true);
  const landmarks = boolean('returnFaceLandmarks', false);
  const showRecognitionModel = boolean('returnRecognitionModel', false);
  const recognitionModel = requireRecognitionModel(query.get('recognitionModel'));
  const detectionModel = requireDetectionModel(query.get('detectionModel'));
  const ttlSeconds = parseInteger(query.get('faceIdTimeToLive'), 86_400, 60, 86_400);
  if (ttlSeconds === undefined) throw faceErrors.badArgument("'faceIdTimeToLive' is invalid.");
  if (landmarks && detectionModel === 'detection_02')
    throw faceErrors.badArgument("'returnLandmarks' is not supported by detection_02.");
  const attributes = requireAttributes(query.get('returnFaceAttributes'), detectionModel, recognitionModel);
  return { faceId, landmarks, attributes, recognitionModel, showRecognitionModel, ttlSeconds };
}
