import { randomUUID } from 'node:crypto';
import { silentLog } from '../src/domain/ports.ts';
import { readSettings } from '../src/domain/settings.ts';
import type { StorageAccount } from '../src/storage/account.ts';
import { ALL_FEATURES } from '../src/vision/computer-vision.ts';
import { openVision } from '../src/vision/open.ts';

const FACE_ATTRIBUTES = ['blur', 'exposure', 'glasses', 'headPose', 'mask', 'occlusion'] as const;

/** No call is to fail here: that would not be the same work. */
const CALL_LIMIT_MS = 300_000;

/** The calls that the seven steps make about each image, and nothing around them. */
interface EngineDriver {
  /** @returns milliseconds from the first call to the last answer */
  process(images: readonly Buffer[], atOnce: number): Promise<number>;
}

/** Drives an engine by the app's own clients. */
export async function openEngineDriver(
  engineUrl: string,
  storage: Pick<StorageAccount, 'tables'>,
): Promise<EngineDriver> {
  const settings = readSettings({
    COMPUTER_VISION_ENDPOINT: engineUrl,
    COMPUTER_VISION_KEY: 'local',
    COMPUTER_VISION_CALLS_PER_SECOND: '1000',
    FACE_ENDPOINT: engineUrl,
    FACE_KEY: 'local',
    FACE_CALLS_PER_SECOND: '1000',
  });
  const dependencies = { storage, clock: Date.now, log: silentLog, callLimitMs: CALL_LIMIT_MS };
  const { computerVision, face } = openVision(settings, dependencies);
  const signal = new AbortController().signal;

  async function one(bytes: Buffer, listId: string): Promise<void> {
    await computerVision.analyze(bytes, ALL_FEATURES, signal);
    await computerVision.read(bytes, signal);
    await face.detect(bytes, { landmarks: true, attributes: FACE_ATTRIBUTES }, signal);
    const options = { faceId: true, attributes: ['qualityForRecognition'] as const };
    const faces = await face.detect(bytes, options, signal);
    for (const { faceRectangle: rectangle } of faces) {
      await face.lists.add(listId, bytes, { rectangle, userData: 'alone' }, signal);
    }
    for (const { faceId = '' } of faces) await face.findSimilar(faceId, { faceListId: listId }, 228, signal);
  }

  return {
    async process(images, atOnce) {
      const listId = `alone-${randomUUID()}`;
      await face.lists.create(listId, signal);
      const waiting = [...images];
      const work = async () => {
        for (let bytes = waiting.shift(); bytes; bytes = waiting.shift()) await one(bytes, listId);
      };
      const started = performance.now();
      await Promise.all(Array.from({ length: atOnce }, work));
      return performance.now() - started;
    },
  };
}
