import { code } from './code.ts';

/** Why a step cannot do its work: settings, models, approvals, what it was given. */
export const stepCodes = {
  InvalidFaceRectangle: code(
    'permanent',
    'A face rectangle has no sense.',
    'Run "imaginem rerun --step facedetection --all --image <id>".',
  ),
  FaceOutsideImage: code(
    'permanent',
    'A face rectangle lies outside of the image: it was made for another one.',
    'Run "imaginem rerun --step facedetection --all --image <id>".',
  ),
  CustomVisionNotConfigured: code(
    'unavailable',
    'The step customvision has no model: CUSTOM_VISION_MODEL or CUSTOM_VISION_LABELS is not set.',
    'Set both and run "imaginem rerun --step customvision --missing", or take customvision out of PIPELINE_DEFINITION.',
  ),
  OnnxRuntimeMissing: code(
    'unavailable',
    'The ONNX runtime is not installed where the app runs: the deployed package leaves it out.',
    'Make the package with --with onnxruntime-node (docs/deploy.md), deploy it, and run "imaginem rerun --step customvision --missing".',
  ),
  ModelMissing: code(
    'permanent',
    'There is no file of the name that CUSTOM_VISION_MODEL gives.',
    'Correct the setting or deploy the file, then run "imaginem rerun --step customvision --failed".',
  ),
  LabelsMissing: code(
    'permanent',
    'There is no file of the name that CUSTOM_VISION_LABELS gives.',
    'Correct the setting or deploy the file, then run "imaginem rerun --step customvision --failed".',
  ),
  ModelUnusable: code(
    'permanent',
    'The model of CUSTOM_VISION_MODEL is not an image classifier that can be run, or its labels are of another model.',
    'Correct the settings, then run "imaginem rerun --step customvision --failed".',
  ),
  LimitedAccessRequired: code(
    'unavailable',
    'The Face account has no Limited Access approval for recognition, or FACE_LIMITED_ACCESS is off.',
    'Apply at https://aka.ms/facerecognition; once approved, set FACE_LIMITED_ACCESS to on and run "imaginem rerun --step faceprint --missing".',
  ),
  FaceRecognitionOff: code(
    'unavailable',
    'FACE_RECOGNITION is off: no faceprints are made and no faces compared.',
    'Nothing to do. To compare faces after all, set FACE_RECOGNITION to on and run "imaginem rerun --step faceprint --missing".',
  ),
  DoNotMatch: code(
    'unavailable',
    'The batch says that its photographs may not be matched.',
    'Nothing to do. If that has changed, run "imaginem batch set <batch> --match" and then "imaginem rerun --step faceprint --missing --batch <batch>".',
  ),
};
