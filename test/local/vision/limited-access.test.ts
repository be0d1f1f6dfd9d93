import { expect, test } from 'vitest';
import { refusal } from './clients.ts';
import { picture, portrait } from './fake-analyzer.ts';
import { type StartedEngine, startEngine } from './start-engine.ts';

const UNKNOWN = '00000000-0000-4000-8000-000000000000';

const NOT_APPROVED = {
  error: {
    code: 'InvalidRequest',
    message: 'Invalid request has been sent.',
    innererror: {
      code: 'UnsupportedFeature',
      message:
        'Feature is not supported, missing approval for one or more of the following features: Identification,Verification. Please apply for access at https://aka.ms/facerecognition',
    },
  },
};

const recognition: Record<string, (face: StartedEngine['face']) => Promise<unknown>> = {
  'detection that asks for ids, as the SDK does by default': (face) =>
    face.face.detectWithStream(portrait(1)),
  'find similar': (face) => face.face.findSimilar(UNKNOWN, { faceListId: 'a' }),
  verify: (face) => face.face.verifyFaceToFace(UNKNOWN, UNKNOWN),
  'creating a face list': (face) => face.faceList.create('a', 'A'),
  'adding a face': (face) => face.faceList.addFaceFromStream('a', portrait(1)),
  'listing large face lists': (face) => face.largeFaceList.list(),
  training: (face) => face.largeFaceList.train('a'),
};

test.each(Object.entries(recognition))('an account without approval is refused %s', async (_what, call) => {
  const { face, analyzer } = await startEngine({ limitedAccess: false });
  expect(await refusal(call(face))).toMatchObject({
    status: 403,
    code: 'InvalidRequest',
    body: NOT_APPROVED,
  });
  expect(analyzer.calls).toBe(0);
});

test('an account without approval may detect faces without ids, and analyze', async () => {
  const { face, vision } = await startEngine({ limitedAccess: false });
  expect(await face.face.detectWithStream(portrait(1), { returnFaceId: false })).toHaveLength(1);
  const analysis = await vision.analyzeImageInStream(picture(), { visualFeatures: ['Tags'] });
  expect(analysis.tags).toEqual([]);
});
