import type { AnalyzedFace, Box, ImageInfo } from '../analysis.ts';
import { faceErrors } from '../errors.ts';
import type { EngineRequest } from '../http/router.ts';
import { analyzeImage, type ImageRules, type ImageSource, readImage } from '../image-input.ts';

/** Most faces of one answer. */
export const MAX_FACES = 100;

/** A face must be this large in images up to 1920 pixels long, and proportionally larger beyond. */
const MIN_FACE_PIXELS = 36;
const REFERENCE_LONG_SIDE = 1920;

/** Least overlap (intersection over union) with a target rectangle: detection models cut faces differently. */
const MIN_TARGET_OVERLAP = 0.25;

export function faceImageRules(limits: { faceMinBytes: number; faceMaxBytes: number }): ImageRules {
  return {
    minBytes: limits.faceMinBytes,
    maxBytes: limits.faceMaxBytes,
    acceptsMultipart: false,
    tooSmall: faceErrors.imageTooSmall,
    tooLarge: faceErrors.imageTooLarge,
    undecodable: faceErrors.imageUndecodable,
    invalidUrl: faceErrors.invalidUrl,
    invalidJson: faceErrors.jsonInvalid,
    unsupportedMediaType: faceErrors.unsupportedMediaType,
    failed: faceErrors.failedToProcess,
  };
}

export interface FacesOfImage {
  info: ImageInfo;
  /** Large enough to be detected, largest first, at most 100. */
  faces: AnalyzedFace[];
}

/** Reads a call's image and finds its faces as `detect` sees them. */
export async function readFaces(
  request: EngineRequest,
  rules: ImageRules,
  source: ImageSource,
): Promise<FacesOfImage> {
  const bytes = await readImage(request, rules, source.trustedHosts);
  const { info, faces } = await analyzeImage(source.analyzer, bytes, ['info', 'faces'], rules);
  return { info, faces: detectable(faces, info) };
}

export function detectable(faces: readonly AnalyzedFace[], info: ImageInfo): AnalyzedFace[] {
  const scale = Math.max(1, Math.max(info.width, info.height) / REFERENCE_LONG_SIDE);
  const least = MIN_FACE_PIXELS * scale;
  return faces
    .filter(({ box }) => Math.max(box.width, box.height) >= least)
    .sort((a, b) => area(b.box) - area(a.box))
    .slice(0, MAX_FACES);
}

/** The one face that a call to add a face means. */
export function selectFace({ faces, info }: FacesOfImage, target: Box | undefined): AnalyzedFace {
  if (!target) {
    const [face, another] = faces;
    if (!face) throw faceErrors.noFace();
    if (another) throw faceErrors.manyFaces();
    return face;
  }
  if (target.left + target.width > info.width || target.top + target.height > info.height)
    throw faceErrors.targetFaceOutOfRange();
  const [nearest] = faces
    .map((face) => ({ face, overlap: overlap(face.box, target) }))
    .sort((a, b) => b.overlap - a.overlap);
  if (!nearest || nearest.overlap < MIN_TARGET_OVERLAP) throw faceErrors.noFace();
  return nearest.face;
}

/** Whole pixels, inside the image. */
export function toFaceRectangle(box: Box, info: ImageInfo): Box {
  const left = clamp(Math.round(box.left), 0, info.width - 1);
  const top = clamp(Math.round(box.top), 0, info.height - 1);
  return {
    left,
    top,
    width: clamp(Math.round(box.left + box.width) - left, 1, info.width - left),
    height: clamp(Math.round(box.top + box.height) - top, 1, info.height - top),
  };
}

/** Intersection over union. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (area(a) + area(b) - width * height);
}

const area = (box: Box): number => box.width * box.height;
const clamp = (value: number, min: number, max: number): number => Math.min(max, Math.max(min, value));
