import type { FaceClient, FaceModels } from '@azure/cognitiveservices-face';
import type { Rectangle } from '../domain/rectangle.ts';
import type { Caller } from './call.ts';
import { FaceListStateError, unexpectedAnswer } from './errors.ts';
import { DETECTION_MODEL } from './face-models.ts';

/** Most faces that one page of a LargeFaceList holds. */
const PAGE = 1000;

export interface PersistedFace {
  persistedFaceId: string;
  userData: string | undefined;
}

/** How a training stands. `mark` differs after each further training; what it is made of is the service's business. */
export interface TrainingState {
  status: 'never' | 'waiting' | 'running' | 'succeeded' | 'failed';
  mark: string;
}

/**
 * Lists of faces, small or large: the same calls under two addresses. Each throws `FaceListStateError` where the list
 * is not in the state that the call needs.
 */
export interface FaceLists {
  create(listId: string, signal: AbortSignal): Promise<void>;
  /**
   * Adds the face at `rectangle` of an image. Not idempotent: an answer that is lost leaves a face behind.
   *
   * @param userData at most 1,024 characters
   * @returns its persisted id
   * @throws {PermanentError} when there is no face at the rectangle
   */
  add(
    listId: string,
    bytes: Buffer,
    face: { rectangle: Rectangle; userData: string },
    signal: AbortSignal,
  ): Promise<string>;
  /** Removes a face; that it, or the list, was not there is no error. */
  remove(listId: string, persistedFaceId: string, signal: AbortSignal): Promise<void>;
  /** Deletes the list and all in it; that it was not there is no error. */
  drop(listId: string, signal: AbortSignal): Promise<void>;
  /** Whether the list holds this face. */
  has(listId: string, persistedFaceId: string, signal: AbortSignal): Promise<boolean>;
  /**
   * Every face, in pages; none where there is no such list.
   *
   * @param after of a LargeFaceList, only those behind this persisted id
   */
  pages(listId: string, signal: AbortSignal, after?: string): AsyncGenerator<PersistedFace[]>;
  /** Starts a training. A FaceList needs none: nothing is done. */
  train(listId: string, signal: AbortSignal): Promise<void>;
  training(listId: string, signal: AbortSignal): Promise<TrainingState>;
}

type Client = () => Promise<FaceClient>;

/** @param model of the prints in lists that are made: a list is of one model for good */
export function openFaceLists(client: Client, caller: Caller, model: string): FaceLists {
  return {
    async create(listId, signal) {
      const sdk = await client();
      await caller.call('face list: create', signal, (options) =>
        sdk.faceList.create(listId, listId, {
          ...options,
          recognitionModel: model as FaceModels.RecognitionModel,
        }),
      );
    },
    async add(listId, bytes, face, signal) {
      const sdk = await client();
      return caller.call('face list: add', signal, async (options) =>
        idOf(await sdk.faceList.addFaceFromStream(listId, bytes, { ...options, ...addOptions(face) })),
      );
    },
    async remove(listId, persistedFaceId, signal) {
      const sdk = await client();
      await unlessGone(
        caller.call('face list: delete', signal, (options) =>
          sdk.faceList.deleteFace(listId, persistedFaceId, options),
        ),
      );
    },
    async drop(listId, signal) {
      const sdk = await client();
      await unlessGone(
        caller.call('face list: delete', signal, (options) => sdk.faceList.deleteMethod(listId, options)),
      );
    },
    async has(listId, persistedFaceId, signal) {
      for await (const page of this.pages(listId, signal)) {
        if (page.some((face) => face.persistedFaceId === persistedFaceId)) return true;
      }
      return false;
    },
    async *pages(listId, signal) {
      const sdk = await client();
      const list = await unlessGone(
        caller.call('face list: get', signal, async (options) => {
          const found = await sdk.faceList.get(listId, options);
          if (found.faceListId === undefined) throw unexpectedAnswer('Face', 'face list: get');
          return found.persistedFaces ?? [];
        }),
      );
      if (list !== undefined && list.length > 0) yield list.map(plain);
    },
    async train() {},
    async training() {
      return { status: 'succeeded', mark: 'FaceLists need no training' };
    },
  };
}

/** @param model see `openFaceLists` */
export function openLargeFaceLists(client: Client, caller: Caller, model: string): FaceLists {
  return {
    async create(listId, signal) {
      const sdk = await client();
      await caller.call('large face list: create', signal, (options) =>
        sdk.largeFaceList.create(listId, listId, {
          ...options,
          recognitionModel: model as FaceModels.RecognitionModel,
        }),
      );
    },
    async add(listId, bytes, face, signal) {
      const sdk = await client();
      return caller.call('large face list: add', signal, async (options) =>
        idOf(await sdk.largeFaceList.addFaceFromStream(listId, bytes, { ...options, ...addOptions(face) })),
      );
    },
    async remove(listId, persistedFaceId, signal) {
      const sdk = await client();
      await unlessGone(
        caller.call('large face list: delete', signal, (options) =>
          sdk.largeFaceList.deleteFace(listId, persistedFaceId, options),
        ),
      );
    },
    async drop(listId, signal) {
      const sdk = await client();
      await unlessGone(
        caller.call('large face list: delete', signal, (options) =>
          sdk.largeFaceList.deleteMethod(listId, options),
        ),
      );
    },
    async has(listId, persistedFaceId, signal) {
      const sdk = await client();
      const face = await unlessGone(
        caller.call('large face list: get face', signal, (options) =>
          sdk.largeFaceList.getFace(listId, persistedFaceId, options),
        ),
      );
      return face !== undefined;
    },
    async *pages(listId, signal, from) {
      const sdk = await client();
      for (let start = from; ; ) {
        const after = start;
        const page = await unlessGone(
          caller.call('large face list: list', signal, async (options) => {
            const found = await sdk.largeFaceList.listFaces(listId, {
              ...options,
              ...(after !== undefined && { start: after }),
              top: PAGE,
            });
            // The SDK makes a list of one out of an answer that is none.
            if (!found.every(({ persistedFaceId }) => persistedFaceId))
              throw unexpectedAnswer('Face', 'large face list: list');
            return found.map(plain);
          }),
        );
        if (page === undefined || page.length === 0) return;
        yield page;
        if (page.length < PAGE) return;
        start = page.at(-1)?.persistedFaceId;
      }
    },
    async train(listId, signal) {
      const sdk = await client();
      await caller.call('large face list: train', signal, (options) =>
        sdk.largeFaceList.train(listId, options),
      );
    },
    async training(listId, signal) {
      const sdk = await client();
      try {
        return await caller.call('large face list: training', signal, async (options) =>
          trainingState(await sdk.largeFaceList.getTrainingStatus(listId, options)),
        );
      } catch (error) {
        if (error instanceof FaceListStateError && error.state === 'untrained')
          return { status: 'never', mark: '' };
        throw error;
      }
    },
  };
}

function addOptions(face: { rectangle: Rectangle; userData: string }) {
  const { left, top, width, height } = face.rectangle;
  return {
    targetFace: [left, top, width, height].map((pixels) => Math.round(pixels)),
    userData: face.userData,
    detectionModel: DETECTION_MODEL,
  };
}

function idOf(face: FaceModels.PersistedFace): string {
  if (typeof face.persistedFaceId !== 'string') throw unexpectedAnswer('Face', 'face list: add');
  return face.persistedFaceId;
}

const plain = ({ persistedFaceId, userData }: FaceModels.PersistedFace): PersistedFace => ({
  persistedFaceId,
  userData,
});

/**
 * The contract calls `createdDateTime` the list's creation, the service fills in the training's: all three times
 * together change with each training under either reading.
 */
function trainingState(status: FaceModels.TrainingStatus): TrainingState {
  const times = [status.created, status.lastAction, status.lastSuccessfulTraining];
  const mark = times.map((time) => (time instanceof Date ? time.toISOString() : '-')).join(' ');
  switch (String(status.status).toLowerCase()) {
    case 'succeeded':
      return { status: 'succeeded', mark };
    case 'running':
      return { status: 'running', mark };
    case 'failed':
      return { status: 'failed', mark };
    // The SDK's list of values says "nonstarted", the wire "notstarted": a training that waits for its turn.
    case 'notstarted':
    case 'nonstarted':
      return { status: 'waiting', mark };
    default:
      throw unexpectedAnswer('Face', 'large face list: training');
  }
}

async function unlessGone<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    const gone =
      error instanceof FaceListStateError && (error.state === 'missing' || error.state === 'faceMissing');
    if (gone) return undefined;
    throw error;
  }
}
