import { UnavailableError } from '../../errors.ts';
import type { Clock, Log } from '../../ports.ts';
import type { Settings } from '../../settings.ts';
import type { StorageAccount } from '../../storage/account.ts';
import type { FaceRectangle } from '../faceModels.ts';
import type { Vision } from '../open.ts';

export interface EnrolledFace {
  key: string;
  jobId: string;
  batchId: string;
  imageUrl: string;
  rectangle: FaceRectangle;
}

export interface Candidate {
  faceKey: string;
  jobId: string;
  batchId: string;
  imageUrl: string;
  rectangle: FaceRectangle;
  confidence: number;
  margin?: number;
}

/** Faces that photographs can be searched for. */
export interface Gallery {
  enrol(face: EnrolledFace, bytes: Buffer, signal: AbortSignal): Promise<void>;
  find(
    faceId: string,
    options: { jobKey: string; imageUrl: string; max: number },
    signal: AbortSignal,
  ): Promise<Candidate[]>;
  keepOnly(jobKey: string, faceKeys: readonly string[], signal: AbortSignal): Promise<void>;
  maintain(
    imageOf: (face: { batchId: string; jobId: string }) => Promise<Buffer | undefined>,
    signal: AbortSignal,
  ): Promise<void>;
  sweep(signal: AbortSignal): Promise<void>;
}

/** The face index is not built yet: recognition is unavailable until it is. */
export function openGallery(_: {
  vision: Vision;
  storage: StorageAccount;
  settings: Settings;
  clock: Clock;
  log: Log;
}): Gallery {
  const missing = () =>
    Promise.reject(new UnavailableError('GalleryMissing', 'The face index is not built yet.'));
  return {
    enrol: missing,
    find: missing,
    keepOnly: async () => {},
    maintain: async () => {},
    sweep: async () => {},
  };
}
