import { faceErrors } from '../errors.ts';
import { parseNames } from '../http/query.ts';

/**
 * The service's detection and recognition models. The engine has one of each behind these names and only keeps the label:
 * what a label allows is enforced, so that code that works here works there. A second recognition model of its own goes by
 * its own name: what was enrolled under one is never compared with the other.
 */
export const MIRRORED_MODEL = 'imaginem_02';
const RECOGNITION_MODELS = [
  'recognition_01',
  'recognition_02',
  'recognition_03',
  'recognition_04',
  MIRRORED_MODEL,
] as const;
const DETECTION_MODELS = ['detection_01', 'detection_02', 'detection_03'] as const;
export type RecognitionModel = (typeof RECOGNITION_MODELS)[number];
type DetectionModel = (typeof DETECTION_MODELS)[number];

export function requireRecognitionModel(value: unknown): RecognitionModel {
  const model = RECOGNITION_MODELS.find((name) => name === (value ?? 'recognition_01'));
  if (!model) throw faceErrors.recognitionModelInvalid();
  return model;
}

export function requireDetectionModel(value: unknown): DetectionModel {
  const model = DETECTION_MODELS.find((name) => name === (value ?? 'detection_01'));
  if (!model) throw faceErrors.detectionModelInvalid();
  return model;
}

const RETIRED = ['age', 'gender', 'smile', 'facialHair', 'emotion', 'hair', 'makeup'] as const;
const OFFERED = [
  'headPose',
  'glasses',
  'occlusion',
  'accessories',
  'blur',
  'exposure',
  'noise',
  'mask',
  'qualityForRecognition',
] as const;
export type FaceAttribute = (typeof OFFERED)[number];

/** Attributes a detection model refuses ("Specify a face detection model"). */
const REFUSED: Record<DetectionModel, readonly FaceAttribute[]> = {
  detection_01: ['mask'],
  detection_02: OFFERED,
  detection_03: ['accessories', 'noise'],
};

/**
 * The attributes a call asks for, refused as the service refuses them.
 *
 * @throws 403 for the retired ones, 400 for unknown ones and for what the two models do not offer
 */
export function requireAttributes(
  value: string | null,
  detection: DetectionModel,
  recognition: RecognitionModel,
): FaceAttribute[] {
  const { names, unknown } = parseNames(value, [...OFFERED, ...RETIRED]);
  if (unknown.length > 0) throw faceErrors.attributesInvalid();
  const offered = names.filter((name): name is FaceAttribute => OFFERED.some((known) => known === name));
  if (offered.length < names.length) throw faceErrors.retiredAttributes();
  if (offered.length > 0 && detection === 'detection_02')
    throw faceErrors.badArgument("'returnFaceAttributes' is not supported by detection_02.");
  const refused = REFUSED[detection];
  if (offered.some((name) => refused.includes(name))) throw faceErrors.attributesInvalid();
  const hasQuality = recognition !== 'recognition_01' && recognition !== 'recognition_02';
  if (offered.includes('qualityForRecognition') && !hasQuality) throw faceErrors.attributesInvalid();
  return offered;
}
