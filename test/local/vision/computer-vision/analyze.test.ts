import { describe, expect, test } from 'vitest';
import { refusal } from '../clients.ts';
import { picture, portrait, type Scene } from '../fake-analyzer.ts';
import { startEngine } from '../start-engine.ts';

const ALL = [
  'Categories',
  'Tags',
  'Description',
  'Faces',
  'Objects',
  'Color',
  'ImageType',
  'Adult',
  'Brands',
] as const;

const quad = (left: number, top: number, width: number, height: number) =>
  [
    { x: left, y: top },
    { x: left + width, y: top },
    { x: left + width, y: top + height },
    { x: left, y: top + height },
  ] as [
    { x: number; y: number },
    { x: number; y: number },
    { x: number; y: number },
    { x: number; y: number },
  ];

const STREET: Scene = {
  width: 640,
  height: 480,
  faces: [{ person: 1, box: { left: 100, top: 100, width: 150, height: 150 } }],
  objects: [
    { label: 'person', score: 0.8123, box: { left: 60.2, top: 80.7, width: 300, height: 399 } },
    { label: 'dog', score: 0.61239, box: { left: 400, top: 300, width: 300, height: 150 } },
  ],
  text: { angle: 0, lines: [{ text: 'STOP', confidence: 0.93, quad: quad(10, 10, 80, 20), words: [] }] },
  adult: { adult: 0.7, racy: 0.2 },
};

test('every feature is answered as the SDK types it; what no model knows is absent', async () => {
  const { vision } = await startEngine();
  const answer = await vision.analyzeImageInStream(picture(STREET), { visualFeatures: [...ALL] });
  expect(answer).toEqual({
    categories: [
      { name: 'people_portrait', score: 0.99 },
      { name: 'animal_dog', score: 0.6124 },
    ],
    tags: [
      { name: 'human face', confidence: 0.99 },
      { name: 'person', confidence: 0.99 },
      { name: 'text', confidence: 0.93 },
      { name: 'dog', confidence: 0.6124 },
    ],
    description: {
      tags: ['human face', 'person', 'text', 'dog'],
      captions: [{ text: 'a person, a dog and text', confidence: 0.3062 }],
    },
    faces: [{ faceRectangle: { left: 100, top: 100, width: 150, height: 150 } }],
    objects: [
      { object: 'person', confidence: 0.8123, rectangle: { x: 60, y: 81, w: 300, h: 399 } },
      { object: 'dog', confidence: 0.6124, rectangle: { x: 400, y: 300, w: 240, h: 150 } },
    ],
    color: {
      dominantColorForeground: 'Grey',
      dominantColorBackground: 'White',
      dominantColors: ['White', 'Grey'],
      accentColor: '5A6B7C',
      isBWImg: false,
    },
    adult: { isAdultContent: true, isRacyContent: false, adultScore: 0.7, racyScore: 0.2 },
    requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    metadata: { width: 640, height: 480, format: 'Jpeg' },
    modelVersion: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
  });
});

test('without a feature asked for, categories are answered', async () => {
  const { vision } = await startEngine();
  const answer = await vision.analyzeImageInStream(portrait(1));
  expect(Object.keys(answer).sort()).toEqual(['categories', 'metadata', 'modelVersion', 'requestId']);
});

test('tags, objects and description have operations of their own', async () => {
  const { vision } = await startEngine();
  expect((await vision.tagImageInStream(picture(STREET))).tags).toHaveLength(4);
  expect((await vision.detectObjectsInStream(picture(STREET))).objects).toHaveLength(2);
  expect((await vision.describeImageInStream(picture(STREET))).captions?.[0]?.text).toMatch(/person/);
});

describe('captions and categories', () => {
  const say = async (scene: Scene) => {
    const { vision } = await startEngine();
    const answer = await vision.analyzeImageInStream(picture(scene), {
      visualFeatures: ['Description', 'Categories'],
    });
    return [answer.description?.captions?.[0]?.text, answer.categories?.map(({ name }) => name).join(' ')];
  };
  const people = (count: number): Scene => ({
    width: 5000,
    faces: Array.from({ length: count }, (_, i) => ({
      person: i,
      box: { left: i * 110, top: 0, width: 100, height: 100 },
    })),
  });
  const sign = { angle: 0, lines: [{ text: 'A', confidence: 0.9, quad: quad(0, 0, 600, 400), words: [] }] };

  test.each<[string, Scene, string | undefined, string]>([
    ['nothing', {}, undefined, ''],
    ['two people', people(2), 'two people', 'people_group'],
    ['four people', people(4), 'a group of four people', 'people_group'],
    ['twelve people', people(12), 'a group of people', 'people_many'],
    ['a sign', { text: sign }, 'a picture of text', 'text_'],
    [
      'a sheep',
      { objects: [{ label: 'sheep', score: 0.5, box: { left: 0, top: 0, width: 9, height: 9 } }] },
      'a sheep',
      'animal_',
    ],
    [
      'an elephant in black and white',
      {
        blackAndWhite: true,
        objects: [{ label: 'elephant', score: 0.5, box: { left: 0, top: 0, width: 9, height: 9 } }],
      },
      'a black and white photo of an elephant',
      'animal_',
    ],
    ['nothing in black and white', { blackAndWhite: true }, 'a black and white photo', ''],
  ])('of %s', async (_what, scene, caption, categories) => {
    expect(await say(scene)).toEqual([caption, categories]);
  });
});

describe('refusals', () => {
  const refused = (code: string) => ({
    status: 400,
    code: 'InvalidRequest',
    body: { error: { code: 'InvalidRequest', innererror: { code } } },
  });

  test('4 MB and more', async () => {
    const { vision } = await startEngine();
    const analyze = (bytes: number) => vision.analyzeImageInStream(picture({}, bytes));
    expect(await refusal(analyze(4 * 1024 * 1024))).toMatchObject(refused('InvalidImageSize'));
    expect(await analyze(4 * 1024 * 1024 - 1)).toHaveProperty('categories');
  });

  test('50 pixels and less, 16,000 and more', async () => {
    const { vision } = await startEngine();
    const analyze = (width: number, height: number) =>
      vision.analyzeImageInStream(picture({ width, height }));
    expect(await refusal(analyze(50, 900))).toMatchObject(refused('InvalidImageSize'));
    expect(await refusal(analyze(900, 16_000))).toMatchObject(refused('InvalidImageSize'));
    expect(await analyze(51, 15_999)).toHaveProperty('categories');
  });

  test('what is not an image', async () => {
    const { vision } = await startEngine();
    expect(await refusal(vision.analyzeImageInStream(Buffer.from('plain text')))).toMatchObject(
      refused('InvalidImageFormat'),
    );
  });

  test('URLs of hosts that are not trusted', async () => {
    const { vision } = await startEngine();
    expect(await refusal(vision.analyzeImage('https://example.com/a.jpg'))).toMatchObject(
      refused('InvalidImageUrl'),
    );
  });

  test.each([
    ['visualFeatures=Tags,Nonsense', 'NotSupportedVisualFeature'],
    ['details=Nonsense', 'InvalidDetails'],
    ['language=ja', 'NotSupportedLanguage'],
    ['model-version=yesterday', 'BadArgument'],
  ])('the query %s', async (query, code) => {
    const { url } = await startEngine();
    const response = await fetch(`${url}/vision/v3.2/analyze?${query}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: new Uint8Array(picture()),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: 'InvalidRequest', innererror: { code } } });
  });

  test('other content types', async () => {
    const { url } = await startEngine();
    const response = await fetch(`${url}/vision/v3.2/analyze`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    expect(response.status).toBe(415);
  });
});

test('an image may come as a multipart file', async () => {
  const { url } = await startEngine();
  const form = new FormData();
  form.set('image', new Blob([new Uint8Array(picture(STREET))]), 'street.jpg');
  const response = await fetch(`${url}/vision/v3.2/tag`, { method: 'POST', body: form });
  expect(await response.json()).toMatchObject({ tags: [{ name: 'human face' }, {}, {}, {}] });
});
