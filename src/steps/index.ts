import type { AnyStep } from '../pipeline/step.ts';
import { facecrop } from './facecrop.ts';
import { facedetection } from './facedetection.ts';
import { facematch } from './facematch.ts';
import { faceprint } from './faceprint.ts';
import { generalclassification } from './generalclassification.ts';
import { ocr } from './ocr.ts';
import { pipelineoutput } from './pipelineoutput.ts';
import type { StepServices } from './services.ts';

/** Every step the app has, in the order of the default pipeline. */
export function createSteps(services: StepServices): AnyStep[] {
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
