import { z } from 'zod';
import { reason } from '../domain/errors.ts';
import { jobKey } from '../domain/job-id.ts';
import { defineStep } from '../domain/step.ts';
import type { Warning } from '../domain/warning.ts';
import type { FaceAttribute } from '../vision/face.ts';
import { assignFaceKeys, numberOf, ownFaceKey } from './face-keys.ts';
import type { StepServices } from './services.ts';

export const rectangleSchema = z.object({
  left: z.number(),
  top: z.number(),
  width: z.number(),
  height: z.number(),
});

export const facesSchema = z.looseObject({
  /** As the Face service gave them (REST camelCase), largest first, each with its key in the pipeline. */
  faces: z.array(
    z.looseObject({
      /** Absent only in what a message posted by hand brings along. */
      faceKey: z.string().optional(),
      faceRectangle: rectangleSchema,
      faceAttributes: z.unknown().optional(),
    }),
  ),
  /** The highest number that a face of the image has had in its key, where no face has it now. */
  highestFace: z.int().nonnegative().optional(),
});
export type DetectedFaces = z.infer<typeof facesSchema>;

/** All that `detection_03` still offers without an approval. */
const ATTRIBUTES: readonly FaceAttribute[] = ['blur', 'exposure', 'glasses', 'headPose', 'mask', 'occlusion'];

/** Most faces of one answer of the service: the largest. */
const MOST_FACES = 100;

const CUT: Warning = reason(
  'FacesBeyondLimit',
  `The picture shows ${MOST_FACES} faces or more. The service names the ${MOST_FACES} largest; smaller ones may be missing here and among the matches. To have them, cut the picture into parts and submit those.`,
);

/** Where the faces are. Works without Limited Access: no face id is asked for. */
export const facedetection = (services: Pick<StepServices, 'vision'>) =>
  defineStep({
    name: 'facedetection',
    needs: [],
    schema: facesSchema,
    title: 'Faces',
    summary: 'Finds faces: rectangles, landmarks and the attributes still offered.',
    service: 'Face',
    run: async ({ job, image, previous, signal }) => {
      const options = { landmarks: true, attributes: ATTRIBUTES };
      const faces = await services.vision().face.detect(await image.bytes(), options, signal);
      const keys = assignFaceKeys(
        job.id,
        faces.map((face) => face.faceRectangle),
        previous && keyed(previous, job.id),
        previous?.highestFace,
      );
      const found = faces.map((face, index) => ({ faceKey: keys[index], ...face }));
      const numbers = (some: readonly (string | undefined)[]) => some.map((key) => numberOf(key ?? ''));
      const had = Math.max(
        previous?.highestFace ?? 0,
        ...numbers((previous?.faces ?? []).map(({ faceKey }) => faceKey)),
      );
      return {
        faces: found,
        ...(had > Math.max(0, ...numbers(keys)) && { highestFace: had }),
        ...(found.length >= MOST_FACES && { warnings: [CUT] }),
      };
    },
  });

/** The detected faces, each with a key of this job, and none with that of another. */
export function keyed({ faces }: DetectedFaces, jobId: string) {
  const taken = new Set<string>();
  return faces.map((face, index) => {
    let faceKey = ownFaceKey(jobId, face.faceKey ?? `${jobKey(jobId)}-${index + 1}`);
    while (taken.has(faceKey)) faceKey += '_';
    taken.add(faceKey);
    return { ...face, faceKey };
  });
}
