import type { FaceClient, FaceModels } from '@azure/cognitiveservices-face';
import { UnavailableError } from '../domain/errors.ts';
import { once } from '../domain/once.ts';
import type { Recognition } from '../domain/recognition.ts';
import { FIRST_MODEL } from '../domain/recognition-model.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import type { Caller } from './call.ts';
import { FaceIdExpiredError, unexpectedAnswer } from './errors.ts';
import { type FaceLists, openFaceLists, openLargeFaceLists } from './face-lists.ts';
import { DETECTION_MODEL } from './face-models.ts';
import { type Connection, clientArguments } from './sdk.ts';

/** Attributes still offered with `detection_03` (2026): the others were retired or need another model. */
export type FaceAttribute =
  | 'blur'
  | 'exposure'
  | 'headPose'
  | 'glasses'
  | 'mask'
  | 'occlusion'
  | 'qualityForRecognition';

/** A face as the service gave it (REST camelCase), pixels of the image that was sent. */
interface DetectedFace {
  /** Only where asked for; forgotten by the service after 24 hours. */
  faceId?: string;
  faceRectangle: Rectangle;
  faceLandmarks?: FaceModels.FaceLandmarks;
  faceAttributes?: FaceModels.FaceAttributes;
}

interface DetectOptions {
  /** Also makes a faceprint to search with: needs Limited Access. Default false. */
  faceId?: boolean;
  /** After how many seconds the service forgets the faceprint: 60 to 86,400, which is its default. */
  faceIdSeconds?: number;
  landmarks?: boolean;
  attributes?: readonly FaceAttribute[];
}

/** A candidate of a search in a list. */
export interface SimilarFace {
  persistedFaceId: string;
  /** 0 to 1. */
  confidence: number;
}

export interface Face {
  /**
   * Finds the faces of an image, largest first, at most 100.
   *
   * @throws {UnavailableError} `LimitedAccessRequired` when a face id is asked for and the account has no approval
   */
  detect(bytes: Buffer, options: DetectOptions, signal: AbortSignal): Promise<DetectedFace[]>;
  /**
   * Faces of one list that are like the face, best first, however unlike they are (mode `matchFace`).
   *
   * @throws {FaceIdExpiredError} @throws {FaceListStateError}
   */
  findSimilar(
    faceId: string,
    list: { faceListId: string } | { largeFaceListId: string },
    max: number,
    signal: AbortSignal,
  ): Promise<SimilarFace[]>;
  /** FaceLists: 1,000 faces each, searchable at once. */
  readonly lists: FaceLists;
  /** LargeFaceLists: 1,000,000 faces each, searchable once trained. */
  readonly largeLists: FaceLists;
  /** The model that face ids and lists are made with: a search across two models is refused by the service. */
  readonly model: string;
  /** The same service, with another model. */
  withModel(model: string): Face;
  /** @throws {UnavailableError} where the settings say that the account has no approval, or that nobody is to be recognised */
  requireLimitedAccess(): void;
}

/** Most candidates one search may return. Source: the service's contract. */
export const MAX_CANDIDATES = 1000;

/** Face through its SDK. Nothing is opened before the first call. */
export function openFace(connection: Connection, caller: Caller, recognition: Recognition): Face {
  const client = once(async (): Promise<FaceClient> => {
    const { credentials, endpoint, options } = await clientArguments(connection);
    const { FaceClient } = await import('@azure/cognitiveservices-face');
    return new FaceClient(credentials, endpoint, options);
  });
  const requireLimitedAccess = () => {
    if (recognition === 'allowed') return;
    if (recognition === 'off') {
      throw new UnavailableError(
        'FaceRecognitionOff',
        'FACE_RECOGNITION is off: no faceprints are made and no faces compared here.',
      );
    }
    throw new UnavailableError(
      'LimitedAccessRequired',
      'FACE_LIMITED_ACCESS is off: this account has no Limited Access approval for recognition.',
    );
  };

  const withModel = (model: string): Face => ({
    model,
    withModel,
    requireLimitedAccess,
    lists: openFaceLists(client, caller, model),
    largeLists: openLargeFaceLists(client, caller, model),

    async detect(bytes, { faceId = false, faceIdSeconds, landmarks = false, attributes = [] }, signal) {
      if (faceId) requireLimitedAccess();
      const sdk = await client();
      return caller.call('detect', signal, async (options) => {
        const faces = await sdk.face.detectWithStream(bytes, {
          ...options,
          // The SDK's default is true, which an account without approval is refused.
          returnFaceId: faceId,
          ...(faceIdSeconds !== undefined && { faceIdTimeToLive: faceIdSeconds }),
          returnFaceLandmarks: landmarks,
          ...(attributes.length > 0 && { returnFaceAttributes: [...attributes] }),
          recognitionModel: model as FaceModels.RecognitionModel,
          detectionModel: DETECTION_MODEL,
        });
        if (!faces.every((face) => isRectangle(face?.faceRectangle))) {
          throw unexpectedAnswer('Face', 'detect');
        }
        if (faceId && faces.some((face) => face.faceId === undefined))
          throw unexpectedAnswer('Face', 'detect');
        return faces.map(plainFace);
      });
    },

    async findSimilar(faceId, list, max, signal) {
      requireLimitedAccess();
      // The SDK would refuse it on our side; the service would say that it does not know it.
      if (!/^[0-9a-f-]{36}$/i.test(faceId)) throw new FaceIdExpiredError();
      const sdk = await client();
      return caller.call('find similar', signal, async (options) => {
        const found = await sdk.face.findSimilar(faceId, {
          ...options,
          ...list,
          maxNumOfCandidatesReturned: Math.min(Math.max(max, 1), MAX_CANDIDATES),
          mode: 'matchFace',
        });
        return found.map(({ persistedFaceId, confidence }) => {
          if (persistedFaceId === undefined || typeof confidence !== 'number')
            throw unexpectedAnswer('Face', 'find similar');
          return { persistedFaceId, confidence };
        });
      });
    },
  });
  return withModel(FIRST_MODEL);
}

function plainFace(face: FaceModels.DetectedFace): DetectedFace {
  const { faceId, faceRectangle, faceLandmarks, faceAttributes } = face;
  return {
    ...(faceId !== undefined && { faceId }),
    faceRectangle,
    ...(faceLandmarks && { faceLandmarks }),
    ...(faceAttributes && { faceAttributes }),
  };
}

function isRectangle(value: unknown): value is Rectangle {
  const { left, top, width, height } = (value ?? {}) as Record<string, unknown>;
  return [left, top, width, height].every((number) => typeof number === 'number');
}
