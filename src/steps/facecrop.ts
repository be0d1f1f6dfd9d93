import { z } from 'zod';
import { jobKey } from '../domain/job-id.ts';
import { defineStep } from '../domain/step.ts';
import { cropFaces } from '../imaging/crop.ts';
import { containers } from '../storage/names.ts';
import { type DetectedFaces, keyed, rectangleSchema } from './facedetection.ts';
import type { StepServices } from './services.ts';

export const cropsSchema = z.looseObject({
  /** Blob URLs, as in 2017; the container is private, so they identify and do not open. */
  facesUrls: z.array(z.string()),
  crops: z.array(
    z.looseObject({
      faceKey: z.string(),
      /** Blob name in container `faces`. */
      name: z.string(),
      /** What of the image the crop shows, margin included. */
      rectangle: rectangleSchema,
    }),
  ),
});

/** Cuts the faces out of the upright image, with a margin and without metadata, into a private container. */
export const facecrop = (services: Pick<StepServices, 'blobs'>) =>
  defineStep<z.infer<typeof cropsSchema>, { facedetection: DetectedFaces }>({
    name: 'facecrop',
    needs: ['facedetection'],
    schema: cropsSchema,
    title: 'Cut-out faces',
    summary: 'Cuts the faces out into a private container.',
    isIdle: ({ facedetection }) => facedetection.faces.length === 0,
    run: async ({ job, image, output, previous }) => {
      const { blobs } = services;
      const faces = keyed(output.facedetection, job.id);
      const crops: z.infer<typeof cropsSchema>['crops'] = [];
      const cut = await cropFaces(
        await image.bytes(),
        image,
        faces.map(({ faceRectangle }) => faceRectangle),
      );
      for (const [index, { faceKey }] of faces.entries()) {
        const crop = cut[index] as (typeof cut)[number];
        const name = `${jobKey(job.id)}/${faceKey}.jpg`;
        await blobs.write(containers.faces, name, crop.bytes, crop.contentType);
        crops.push({ faceKey, name, rectangle: crop.rectangle });
      }
      const kept = new Set(crops.map((crop) => crop.name));
      for (const { name } of previous?.crops ?? []) {
        if (!kept.has(name)) await blobs.delete(containers.faces, name);
      }
      return { facesUrls: crops.map(({ name }) => blobs.url(containers.faces, name)), crops };
    },
    retract: async ({ job }) => {
      for await (const { name } of services.blobs.list(containers.faces, `${jobKey(job.id)}/`)) {
        await services.blobs.delete(containers.faces, name);
      }
    },
  });
