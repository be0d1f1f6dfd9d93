/** What steps and functions may use of the vision services. */
export {
  ALL_FEATURES,
  type ComputerVision,
  type ImageAnalysis,
  type ReadOutcome,
  type VisualFeature,
} from './computerVision.ts';
export {
  FaceIdExpiredError,
  type FaceListState,
  FaceListStateError,
  VisionCallError,
} from './errors.ts';
export type { DetectedFace, DetectOptions, Face, FaceAttribute, SimilarFace } from './face.ts';
export type { FaceLists, PersistedFace, TrainingState } from './faceLists.ts';
export type { FaceRectangle } from './faceModels.ts';
export type { EnrolledFace } from './gallery/faceIndex.ts';
export type { FaceMatch, FindOptions } from './gallery/find.ts';
export { type Gallery, type GalleryDependencies, openGallery } from './gallery/gallery.ts';
export { openVision, type Vision, type VisionDependencies } from './open.ts';
