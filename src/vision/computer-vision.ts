import type { ComputerVisionClient, ComputerVisionModels } from '@azure/cognitiveservices-computervision';
import { once } from '../domain/once.ts';
import type { Caller } from './call.ts';
import { unexpectedAnswer, VisionCallError } from './errors.ts';
import { type Connection, clientArguments } from './sdk.ts';

/** What `analyze` can be asked for, as Computer Vision 3.2 names it. */
type VisualFeature =
  | 'Adult'
  | 'Brands'
  | 'Categories'
  | 'Color'
  | 'Description'
  | 'Faces'
  | 'ImageType'
  | 'Objects'
  | 'Tags';

/** All features, for an account that offers them. */
export const ALL_FEATURES: readonly VisualFeature[] = [
  'Adult',
  'Brands',
  'Categories',
  'Color',
  'Description',
  'Faces',
  'ImageType',
  'Objects',
  'Tags',
];

/** The analyze response as the service gave it; parts not asked for, or not known, are absent. */
type ImageAnalysis = ComputerVisionModels.ImageAnalysis;

/** The Read result as the service gave it: `analyzeResult.readResults[].lines[]`, quads as eight numbers. */
type ReadOutcome = ComputerVisionModels.ReadOperationResult;

export interface ComputerVision {
  /** @param bytes JPEG, PNG, GIF or BMP under 4 MB, over 50 x 50 pixels */
  analyze(bytes: Buffer, features: readonly VisualFeature[], signal: AbortSignal): Promise<ImageAnalysis>;
  /**
   * Reads printed and handwritten text: submits, then polls until the service is done.
   *
   * @returns the result, its status `succeeded`
   * @throws {VisionCallError} `ReadFailed`, or `ReadTimeout` after two minutes
   */
  read(bytes: Buffer, signal: AbortSignal): Promise<ReadOutcome>;
}

/** Polls start quickly, for the local engine answers in a moment, and settle at the second that the service advises. */
const FIRST_POLL_MS = 200;
const LAST_POLL_MS = 1000;
const READ_LIMIT_MS = 120_000;

/** Computer Vision through its SDK. Nothing is opened before the first call. */
export function openComputerVision(connection: Connection, caller: Caller): ComputerVision {
  const client = once(async (): Promise<ComputerVisionClient> => {
    const { credentials, endpoint, options } = await clientArguments(connection);
    const { ComputerVisionClient } = await import('@azure/cognitiveservices-computervision');
    return new ComputerVisionClient(credentials, endpoint, options);
  });

  return {
    async analyze(bytes, features, signal) {
      const sdk = await client();
      const visualFeatures = [...features];
      return caller.call('analyze', signal, async (options) => {
        const analysis = await sdk.analyzeImageInStream(bytes, { ...options, visualFeatures });
        return expectObject(analysis, 'analyze');
      });
    },

    async read(bytes, signal) {
      const sdk = await client();
      const operation = await caller.call('read', signal, async (options) => {
        const { operationLocation } = await sdk.readInStream(bytes, options);
        const id = operationLocation?.split('?')[0]?.split('/').at(-1);
        if (id === undefined || !/^[0-9a-f-]{36}$/i.test(id))
          throw unexpectedAnswer('Computer Vision', 'read');
        return id;
      });
      const giveUpAt = caller.now() + READ_LIMIT_MS;
      for (let pause = FIRST_POLL_MS; ; pause = Math.min(pause * 2, LAST_POLL_MS)) {
        await caller.sleep(pause, signal);
        const result = await caller.call('read result', signal, async (options) =>
          expectObject(await sdk.getReadResult(operation, options), 'read result'),
        );
        if (result.status === 'succeeded' && Array.isArray(result.analyzeResult?.readResults)) return result;
        if (result.status === 'succeeded') throw unexpectedAnswer('Computer Vision', 'read result');
        if (result.status === 'failed') {
          throw new VisionCallError('ReadFailed', 'Computer Vision could not read the text of this image.');
        }
        if (caller.now() >= giveUpAt) {
          throw new VisionCallError(
            'ReadTimeout',
            'Computer Vision did not finish reading within two minutes.',
          );
        }
      }
    },
  };
}

/** A body of another content type is dropped by the SDK, which then hands out an object without any property. */
function expectObject<T extends object>(answer: T, operation: string): T {
  if (typeof answer !== 'object' || answer === null || Object.keys(answer).length === 0)
    throw unexpectedAnswer('Computer Vision', operation);
  return { ...answer };
}
