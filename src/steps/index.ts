import type { AnyStep } from '../domain/step.ts';
import { findSteps } from '../pipeline/definition/find-steps.ts';
import { facecrop } from './facecrop.ts';
import { facedetection } from './facedetection.ts';
import { facematch } from './facematch.ts';
import { faceprint } from './faceprint.ts';
import { generalclassification } from './generalclassification.ts';
import { ocr } from './ocr.ts';
import { pipelineoutput } from './pipelineoutput.ts';
import type { StepServices } from './services.ts';

/** Every step the app has: the seven of the default pipeline, in its order, then those of all other files here. */
export async function openSteps(services: StepServices): Promise<AnyStep[]> {
  const own = createSteps(services);
  const known = new Set(['index', ...own.map((step) => step.name)]);
  return [...own, ...(await findSteps(new URL('./', import.meta.url), known, services))];
}

/** The steps of the default pipeline, in its order. */
function createSteps(services: StepServices): AnyStep[] {
  return [
    generalclassification(services),
    ocr(services),
    facedetection(services),
    facecrop(services),
    faceprint(services),
    facematch(services),
    pipelineoutput(services),
  ];
}
