import { expect, test } from 'vitest';
import { knownSteps } from '../../src/cli/steps.ts';

/** What a step says of itself, and what the pipeline, a rerun and an erasure rely on. */
const DECLARED = {
  generalclassification: { service: 'Computer Vision' },
  ocr: { service: 'Computer Vision' },
  facedetection: { service: 'Face' },
  facecrop: { needs: ['facedetection'], retracts: true, idles: true },
  faceprint: { needs: ['facedetection'], service: 'Face', biometric: true, idles: true },
  facematch: {
    ...{ needs: ['faceprint'], service: 'Face', biometric: true },
    ...{ mentions: true, retracts: true, idles: true },
  },
  pipelineoutput: { patient: true },
  customvision: {},
  duplicates: { mentions: true, retracts: true },
};

test('what the steps say of themselves: which are biometric, mention other images, leave something elsewhere, wait, may be idle', async () => {
  const registry = await knownSteps();
  const declared = registry.names.map((name) => {
    const step = registry.get(name);
    const { service, biometric, mentions, patient } = step ?? {};
    return [
      name,
      {
        ...(step?.needs.length && { needs: step.needs }),
        ...(service && { service }),
        ...(biometric && { biometric }),
        ...(mentions && { mentions }),
        ...(patient && { patient }),
        ...(step?.retract && { retracts: true }),
        ...(step?.isIdle && { idles: true }),
      },
    ];
  });
  expect(Object.fromEntries(declared)).toEqual(DECLARED);
});
