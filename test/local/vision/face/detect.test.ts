import type { FaceModels } from '@azure/cognitiveservices-face';
import { describe, expect, test } from 'vitest';
import { refusal } from '../clients.ts';
import { picture, portrait } from '../fake-analyzer.ts';
import { startEngine } from '../start-engine.ts';

const MODELS = { detectionModel: 'detection_03', recognitionModel: 'recognition_04' } as const;

/** What SDK typings call an attribute; the newest ones are plain strings on the wire. */
const attributes = (...names: string[]) => names as FaceModels.FaceAttributeType[];

test('faces come largest first, with whole-pixel rectangles inside the image', async () => {
  const { face } = await startEngine();
  const scene = picture({
    width: 400,
    height: 300,
    faces: [
      { person: 1, box: { left: 10.4, top: 10.6, width: 50, height: 50 } },
      { person: 2, box: { left: -8, top: 200.2, width: 150, height: 150 } },
    ],
  });
  const faces = await face.face.detectWithStream(scene);
  expect(faces.map(({ faceRectangle }) => faceRectangle)).toEqual([
    { left: 0, top: 200, width: 142, height: 100 },
    { left: 10, top: 11, width: 50, height: 50 },
  ]);
});

test('a face below 36 pixels is not detected, nor one below its proportion in a larger image', async () => {
  const { face } = await startEngine();
  const detect = (side: number, width: number) =>
    face.face.detectWithStream(
      picture({
        width,
        height: 1080,
        faces: [{ person: 1, box: { left: 5, top: 5, width: side, height: side } }],
      }),
    );
  expect(await detect(35, 1920)).toHaveLength(0);
  expect(await detect(36, 1920)).toHaveLength(1);
  expect(await detect(71, 3840)).toHaveLength(0);
  expect(await detect(72, 3840)).toHaveLength(1);
});

test('at most 100 faces are answered, the largest ones', async () => {
  const { face } = await startEngine();
  const faces = Array.from({ length: 120 }, (_, i) => ({
    person: i,
    box: { left: 0, top: 0, width: 40 + i, height: 40 + i },
  }));
  const detected = await face.face.detectWithStream(picture({ faces }));
  expect(detected).toHaveLength(100);
  expect(detected.at(-1)?.faceRectangle.width).toBe(60);
});

test('asked for nothing else, a face is its rectangle and, by default, its id', async () => {
  const { face } = await startEngine();
  const [withId] = await face.face.detectWithStream(portrait(1));
  expect(withId?.faceId).toMatch(/^[0-9a-f-]{36}$/);
  const [bare] = await face.face.detectWithStream(portrait(1), { returnFaceId: false });
  expect(Object.keys(bare ?? {}).sort()).toEqual(['faceRectangle', 'recognitionModel']);
});

test('landmarks, recognition model and measurable attributes are answered as the SDK types them', async () => {
  const { face } = await startEngine();
  const [found] = await face.face.detectWithStream(portrait(1), {
    ...MODELS,
    returnFaceLandmarks: true,
    returnRecognitionModel: true,
    returnFaceAttributes: attributes('headPose', 'blur', 'exposure', 'qualityForRecognition'),
  });
  expect(Object.keys(found?.faceLandmarks ?? {})).toHaveLength(27);
  expect(found?.faceLandmarks?.noseTip).toEqual({ x: 50, y: 100 });
  expect(found?.recognitionModel).toBe('recognition_04');
  expect(found?.faceAttributes).toEqual({
    headPose: { roll: 1.2, yaw: -4.6, pitch: 7.9 },
    blur: { blurLevel: 'low', value: 0.09 },
    exposure: { exposureLevel: 'goodExposure', value: 0.5 },
    qualityForRecognition: 'high',
  });
});

test('what no model knows is left out, not guessed', async () => {
  const { face } = await startEngine();
  const [found] = await face.face.detectWithStream(portrait(1), {
    ...MODELS,
    returnFaceAttributes: attributes('glasses', 'occlusion', 'mask'),
  });
  expect(found?.faceAttributes).toEqual({});
});

describe('attributes and models', () => {
  const cases: [string, string, string, string, number, string][] = [
    ['detection_01', 'recognition_04', 'mask', 'mask', 400, 'BadArgument'],
    ['detection_03', 'recognition_04', 'accessories', 'accessories', 400, 'BadArgument'],
    ['detection_03', 'recognition_04', 'noise', 'noise', 400, 'BadArgument'],
    ['detection_02', 'recognition_04', 'headPose', 'any attribute', 400, 'BadArgument'],
    ['detection_03', 'recognition_02', 'qualityForRecognition', 'quality', 400, 'BadArgument'],
    ...['age', 'gender', 'smile', 'facialHair', 'emotion', 'hair', 'makeup'].map(
      (name) =>
        ['detection_01', 'recognition_04', name, name, 403, 'UnsupportedFeature'] as (typeof cases)[0],
    ),
  ];
  test.each(cases)(
    '%s with %s and %s refuses %s',
    async (detection, recognition, names, _label, status, code) => {
      const { face, analyzer } = await startEngine();
      const error = await refusal(
        face.face.detectWithStream(portrait(1), {
          detectionModel: detection as 'detection_01',
          recognitionModel: recognition as 'recognition_01',
          returnFaceAttributes: attributes(...names.split(',')),
        }),
      );
      expect(error).toMatchObject({ status, code });
      expect(analyzer.calls).toBe(0);
    },
  );

  test('detection_02 has no landmarks', async () => {
    const { face } = await startEngine();
    const call = face.face.detectWithStream(portrait(1), {
      detectionModel: 'detection_02',
      returnFaceLandmarks: true,
    });
    expect(await refusal(call)).toMatchObject({
      status: 400,
      message: "'returnLandmarks' is not supported by detection_02.",
    });
  });

  test('an unknown model is refused by name', async () => {
    const { face } = await startEngine();
    const detect = (options: object) => refusal(face.face.detectWithStream(portrait(1), options));
    expect(await detect({ detectionModel: 'detection_09' })).toMatchObject({
      status: 400,
      code: 'BadArgument',
      message: "'detectionModel' is invalid.",
    });
    expect(await detect({ recognitionModel: 'recognition_09' })).toMatchObject({
      status: 400,
      code: 'BadArgument',
      message: "'recognitionModel' is invalid.",
    });
  });
});

describe('what is not an acceptable image', () => {
  test('bytes that are no image', async () => {
    const { face } = await startEngine();
    expect(await refusal(face.face.detectWithStream(Buffer.alloc(2000, 'x')))).toEqual({
      status: 400,
      code: 'InvalidImage',
      message: 'Decoding error, image format unsupported.',
      body: { error: { code: 'InvalidImage', message: 'Decoding error, image format unsupported.' } },
    });
  });

  test('less than 1 KB, more than 6 MB', async () => {
    const { face } = await startEngine();
    const detect = (bytes: number) => face.face.detectWithStream(picture({}, bytes));
    expect(await refusal(detect(1023))).toMatchObject({ status: 400, code: 'InvalidImageSize' });
    expect(await refusal(detect(6 * 1024 * 1024 + 1))).toMatchObject({
      status: 400,
      code: 'InvalidImageSize',
      message: 'Image size is too big.',
    });
    expect(await detect(1024)).toEqual([]);
    expect(await detect(6 * 1024 * 1024)).toEqual([]);
  });

  test('another content type', async () => {
    const { url } = await startEngine();
    const response = await fetch(`${url}/face/v1.0/detect`, {
      method: 'POST',
      headers: { 'content-type': 'image/jpeg' },
      body: new Uint8Array(portrait(1)),
    });
    expect(response.status).toBe(415);
    expect(await response.json()).toEqual({
      error: { code: 'UnsupportedMediaType', message: 'Unsupported media type.' },
    });
  });

  test('a URL of a host that is not trusted', async () => {
    const { face } = await startEngine();
    for (const url of [
      'https://example.com/a.jpg',
      'file:///etc/passwd',
      'http://169.254.169.254/',
      'nonsense',
    ]) {
      expect(await refusal(face.face.detectWithUrl(url))).toMatchObject({ status: 400, code: 'InvalidURL' });
    }
  });
});

test('a time to live outside of a minute to a day is refused', async () => {
  const { url } = await startEngine();
  for (const value of ['59', '86401', 'x', '1e3']) {
    const response = await fetch(`${url}/face/v1.0/detect?faceIdTimeToLive=${value}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(portrait(1)),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'BadArgument' } });
  }
});
