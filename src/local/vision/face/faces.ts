import { overlap } from '../../../domain/overlap.ts';
import type { AnalyzedFace, Box, ImageInfo } from '../analysis.ts';
import { faceErrors } from '../errors.ts';
import { area } from '../geometry.ts';
import type { EngineRequest } from '../http/router.ts';
import { analyzeImage, type ImageRules, type ImageSource, readImage } from '../image-input.ts';
import { MIRRORED_MODEL } from './models.ts';

/** Most faces of one answer. */
const MAX_FACES = 100;

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
  };
}

interface FacesOfImage {
  info: ImageInfo;
  /** Large enough to be detected, largest first, at most 100. */
  faces: AnalyzedFace[];
}

/** Reads a call's image and finds its faces as `detect` sees them. @param model by which their prints are made */
export async function readFaces(
  request: EngineRequest,
  rules: ImageRules,
  source: ImageSource,
  model: string,
): Promise<FacesOfImage> {
  const bytes = await readImage(request, rules, source.trustedHosts);
  await request.turn.take();
  const part = model === MIRRORED_MODEL ? 'mirroredFaces' : 'faces';
  const { info, [part]: faces } = await analyzeImage(source.analyzer, bytes, ['info', part], rules);
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
