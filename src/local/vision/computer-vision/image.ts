import type { ImageInfo } from '../analysis.ts';
import { visionErrors } from '../errors.ts';
import type { EngineRequest } from '../http/router.ts';
import { analyzeImage, type ImageRules, readImage } from '../image-input.ts';
import type { EngineSettings } from '../options.ts';

/** Pixels per side: larger than the first, smaller than the second. */
const MIN_SIDE = 50;
const MAX_SIDE = 16_000;

/** The engine's models as one version; the service's own are dates too. */
export const MODEL_VERSION = '2026-11-01';

export interface VisionImage {
  bytes: Uint8Array;
  info: ImageInfo;
  rules: ImageRules;
}

/** Reads a call's image and refuses what Computer Vision refuses, before any model sees it. */
export async function readVisionImage(
  request: EngineRequest,
  settings: EngineSettings,
  maxBytes = settings.limits.visionMaxBytes,
): Promise<VisionImage> {
  requireModelVersion(request.query);
  const rules: ImageRules = {
    minBytes: 1,
    maxBytes,
    acceptsMultipart: true,
    tooSmall: visionErrors.invalidImageFormat,
    tooLarge: visionErrors.imageTooLarge,
    undecodable: visionErrors.invalidImageFormat,
    invalidUrl: visionErrors.invalidImageUrl,
    invalidJson: () => visionErrors.badArgument('Request body is invalid.'),
    unsupportedMediaType: visionErrors.unsupportedMediaType,
  };
  const bytes = await readImage(request, rules, settings.trustedHosts);
  await request.turn.take();
  const { info } = await analyzeImage(settings.analyzer, bytes, ['info'], rules);
  if (Math.min(info.width, info.height) <= MIN_SIDE) throw visionErrors.imageTooSmall();
  if (Math.max(info.width, info.height) >= MAX_SIDE) throw visionErrors.imageTooLarge();
  return { bytes, info, rules };
}

/** What every synchronous answer carries beside its findings. */
export function describeImage(request: EngineRequest, { info }: VisionImage) {
  return {
    requestId: request.requestId,
    metadata: { width: info.width, height: info.height, format: info.format },
    modelVersion: MODEL_VERSION,
  };
}

function requireModelVersion(query: URLSearchParams): void {
  const version = query.get('model-version') ?? 'latest';
  if (!/^(latest|\d{4}-\d{2}-\d{2})(-preview)?$/.test(version))
    throw visionErrors.badArgument('The model-version parameter is not valid.');
}
