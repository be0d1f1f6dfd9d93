import { z } from 'zod';
import { defineStep } from '../domain/step.ts';
import { ALL_FEATURES } from '../vision/computer-vision.ts';
import type { StepServices } from './services.ts';

/** The analyze response as the service gave it; only what other parts of the app read is described. */
export const analysisSchema = z.looseObject({
  tags: z.array(z.looseObject({ name: z.string(), confidence: z.number() })).optional(),
  categories: z.array(z.unknown()).optional(),
  description: z
    .looseObject({
      tags: z.array(z.string()).optional(),
      captions: z.array(z.looseObject({ text: z.string(), confidence: z.number() })).optional(),
    })
    .optional(),
});

/** Tags, caption, categories, objects, colours: all that Computer Vision offers about an image as a whole. */
export const generalclassification = (services: Pick<StepServices, 'vision'>) =>
  defineStep({
    name: 'generalclassification',
    needs: [],
    schema: analysisSchema,
    title: 'Description',
    summary: 'Says what is in the image: tags, caption, categories, objects, colours.',
    service: 'Computer Vision',
    run: async ({ image, signal }) =>
      analysisSchema.parse(
        await services.vision().computerVision.analyze(await image.bytes(), ALL_FEATURES, signal),
      ),
  });
