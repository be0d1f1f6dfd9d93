import { z } from 'zod';
import { pairByOverlap } from '../domain/overlap.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import { defineStep } from '../domain/step.ts';
import { expectMatching } from '../pipeline/admission/current-consent.ts';
import type { Face } from '../vision/face.ts';
import { type DetectedFaces, keyed, rectangleSchema } from './facedetection.ts';
import type { StepServices } from './services.ts';

export const faceprintsSchema = z.looseObject({
  /** The model that made them. Absent: the only one there was. */
  model: z.string().optional(),
  faces: z.array(
    z.looseObject({
      faceKey: z.string(),
      /** Of the detected face that the faceprint belongs to. */
      faceRectangle: rectangleSchema,
      /** The service forgets it after 24 hours. Absent where recognition did not see this face again. */
      faceId: z.string().optional(),
      /** `low`, `medium` or `high`, as the service gave it. */
      quality: z.string().optional(),
    }),
  ),
});
export type Faceprints = z.infer<typeof faceprintsSchema>;

/** Makes faceprints of the detected faces. Needs Limited Access: an account without it gives `unavailable`. */
export const faceprint = (services: Pick<StepServices, 'recognition' | 'batches'>) =>
  defineStep<Faceprints, { facedetection: DetectedFaces }>({
    name: 'faceprint',
    needs: ['facedetection'],
    schema: faceprintsSchema,
    title: 'Faceprints',
    summary: 'Makes faceprints of the detected faces, to search with.',
    service: 'Face',
    biometric: true,
    isIdle: ({ facedetection }) => facedetection.faces.length === 0,
    run: async ({ job, image, output, signal }) => {
      const { face: service } = await services.recognition();
      service.requireLimitedAccess();
      // Nobody is found by a print: whoever enrols and compares asks again.
      await expectMatching(job, services);
      const faces = keyed(output.facedetection, job.id);
      const { model } = service;
      if (faces.length === 0) return { model, faces: [] };
      return { model, faces: await printFaces(service, await image.bytes(), faces, signal) };
    },
  });

/** Asks for faceprints and gives each to the detected face it overlaps. */
export async function printFaces(
  service: Face,
  bytes: Buffer,
  faces: readonly { faceKey: string; faceRectangle: Rectangle }[],
  signal: AbortSignal,
): Promise<Faceprints['faces']> {
  const options = { faceId: true, attributes: ['qualityForRecognition'] as const };
  const prints = await service.detect(bytes, options, signal);
  const pairs = pairByOverlap(
    faces.map((face) => face.faceRectangle),
    prints.map((print) => print.faceRectangle),
  );
  return faces.map(({ faceKey, faceRectangle }, index) => {
    const pair = pairs[index];
    const print = pair === undefined ? undefined : prints[pair];
    const quality = print?.faceAttributes?.qualityForRecognition;
    return {
      faceKey,
      faceRectangle,
      ...(print?.faceId !== undefined && { faceId: print.faceId }),
      ...(quality !== undefined && { quality: String(quality).toLowerCase() }),
    };
  });
}
