import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { UnavailableError } from '../domain/errors.ts';
import type { Settings } from '../domain/settings.ts';
import { defineStep } from '../domain/step.ts';
import { type ImageClassifier, openImageClassifier } from '../vision/image-classifier.ts';

/** Folder of package.json and host.json: above `src`, or above `dist/src` when compiled. */
const APP = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../' : '../../../', import.meta.url));

/** Runs an image classifier of one's own: the ONNX model and the labels that the settings name. */
export const customvision = defineStep({
  name: 'customvision',
  needs: [],
  schema: z.object({
    /** The most probable labels, CUSTOM_VISION_TOP of them. */
    labels: z.array(z.object({ label: z.string(), probability: z.number() })),
  }),
  title: 'Model of your own',
  summary: 'Classifies the image by a model of your own (ONNX).',
  run: async ({ image, settings }) => {
    const classifier = await opened(settings);
    const labels = await classifier.classify(await image.pixels());
    return { labels: labels.slice(0, settings.CUSTOM_VISION_TOP) };
  },
});

/** Loaded once per process; a failure is forgotten, so that the next image tries again. */
const classifiers = new Map<string, Promise<ImageClassifier>>();

function opened(settings: Settings): Promise<ImageClassifier> {
  const { CUSTOM_VISION_MODEL: model, CUSTOM_VISION_LABELS: labels } = settings;
  if (model === undefined || labels === undefined) {
    throw new UnavailableError(
      'CustomVisionNotConfigured',
      'No classifier is set: set CUSTOM_VISION_MODEL and CUSTOM_VISION_LABELS, or take customvision out of the pipeline.',
    );
  }
  const options = {
    model: isAbsolute(model) ? model : join(APP, model),
    labels: isAbsolute(labels) ? labels : join(APP, labels),
    mean: settings.CUSTOM_VISION_MEAN,
    scale: settings.CUSTOM_VISION_SCALE,
    channels: settings.CUSTOM_VISION_CHANNELS,
  };
  const key = JSON.stringify(options);
  const known = classifiers.get(key);
  if (known) return known;
  const opening = openImageClassifier(options);
  opening.catch(() => classifiers.delete(key));
  classifiers.set(key, opening);
  return opening;
}
