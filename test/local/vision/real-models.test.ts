import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { crc32, deflateSync } from 'node:zlib';
import type { FaceModels } from '@azure/cognitiveservices-face';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { RECOGNITION_MODELS } from '../../../src/domain/recognition-model.ts';
import type { Analyzer } from '../../../src/local/vision/analysis.ts';
import { createAnalyzer } from '../../../src/local/vision/analyzer.ts';
import { createEngine, type Engine } from '../../../src/local/vision/engine.ts';
import { faceDistance } from '../../../src/local/vision/models/similarity.ts';
import { createClients, refusal } from './clients.ts';
import { eventually } from './start-engine.ts';

const MODELS = { detectionModel: 'detection_03', recognitionModel: 'recognition_04' } as const;
const sample = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../../samples/${name}`, import.meta.url)));
const photographs = fileURLToPath(new URL('../../../../shared/images/', import.meta.url));

let analyzer: Analyzer;
let engine: Engine;
let clients: ReturnType<typeof createClients>;

beforeAll(async () => {
  analyzer = createAnalyzer({ workers: 1 });
  engine = createEngine({ analyzer, trainingMs: 0 });
  clients = createClients(await engine.listen());
});

afterAll(async () => {
  await engine.close();
  await analyzer.close();
});

/**
 * What stands behind the name of a model never changes: prints that are enrolled under it are compared with every print to
 * come. Two runtimes differ by less than this; another conversion of the network, alignment or resizing by more.
 */
const GOLDEN_TOLERANCE = 0.02;

test('the faceprint of a fixed face is what it always was, for each model', async () => {
  const golden = JSON.parse(
    readFileSync(fileURLToPath(new URL('golden-faceprints.json', import.meta.url)), 'utf8'),
  ) as { photograph: string; prints: Record<string, number[]> };
  const { faces, mirroredFaces } = await analyzer.analyze(sample(golden.photograph), [
    'faces',
    'mirroredFaces',
  ]);
  const now = { recognition_04: faces[0]?.faceprint ?? [], imaginem_02: mirroredFaces[0]?.faceprint ?? [] };
  expect(Object.keys(golden.prints)).toEqual(
    RECOGNITION_MODELS.filter(({ by }) => by.includes('engine')).map(({ id }) => id),
  );
  for (const [model, print] of Object.entries(now)) {
    expect(print).toHaveLength(128);
    expect(
      faceDistance(print, golden.prints[model] ?? []),
      `prints of ${model} have changed: give what makes them now a name of its own in src/domain/recognition-model.ts, so that archives are enrolled anew with it`,
    ).toBeLessThan(GOLDEN_TOLERANCE);
  }
  // The two are two: what one makes is none of the other's.
  expect(faceDistance(now.recognition_04, now.imaginem_02)).toBeGreaterThan(2 * GOLDEN_TOLERANCE);
});

/** Lettering as a sign has it, drawn large and clean. */
async function sign(...lines: string[]): Promise<Buffer> {
  const spans = lines.map(
    (line, i) => `<text x="60" y="${130 + i * 110}" font-family="DejaVu Sans" font-size="64">${line}</text>`,
  );
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="900" height="${lines.length * 110 + 120}"><rect width="100%" height="100%" fill="white"/>${spans.join('')}</svg>`;
  return sharp(Buffer.from(svg)).png().toBuffer();
}

/** A PNG of one colour and one bit per pixel: a small file for any size. */
function pngOf(width: number, height: number): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const frame = Buffer.alloc(8);
    frame.writeUInt32BE(data.length, 0);
    frame.writeUInt32BE(crc32(body), 4);
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
  };
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const rows = deflateSync(Buffer.alloc(height * (1 + Math.ceil(width / 8))), { level: 1 });
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', rows),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

async function readLines(image: Buffer): Promise<string[]> {
  const { operationLocation } = await clients.vision.readInStream(image);
  const { analyzeResult } = await eventually(
    () => clients.vision.getReadResult(operationLocation.split('/').at(-1) ?? ''),
    ({ status }) => status === 'succeeded' || status === 'failed',
    60_000,
  );
  return analyzeResult?.readResults.flatMap(({ lines }) => lines.map(({ text }) => text)) ?? [];
}

test('each person of the group is found in the right portrait and in no other', async () => {
  const { face } = clients;
  await face.largeFaceList.create('people', 'People', { recognitionModel: MODELS.recognitionModel });
  for (const name of ['a-1', 'b-1', 'c-1', 'd-1', 'e-1', 'f-1'])
    await face.largeFaceList.addFaceFromStream('people', sample(`person-${name}.jpg`), {
      userData: name,
      detectionModel: MODELS.detectionModel,
    });
  await face.largeFaceList.train('people');
  const known = new Map(
    (await face.largeFaceList.listFaces('people')).map((each) => [each.persistedFaceId, each.userData]),
  );

  const group = await face.face.detectWithStream(sample('group.jpg'), MODELS);
  const leftToRight = [...group].sort((a, b) => a.faceRectangle.left - b.faceRectangle.left);
  const found: (string | undefined)[][] = [];
  for (const { faceId } of leftToRight) {
    const similar = await face.face.findSimilar(faceId ?? '', { largeFaceListId: 'people' });
    found.push(similar.map(({ persistedFaceId }) => known.get(persistedFaceId ?? '')));
  }
  expect(found).toEqual([['b-1'], ['a-1'], ['d-1'], ['c-1']]);
});

test('a face has 27 landmarks inside its picture and the attributes that can be measured', async () => {
  const [found] = await clients.face.face.detectWithStream(sample('person-a-1.jpg'), {
    ...MODELS,
    returnFaceLandmarks: true,
    returnFaceAttributes: [
      'headPose',
      'blur',
      'exposure',
      'qualityForRecognition',
    ] as FaceModels.FaceAttributeType[],
  });
  const landmarks = Object.values(found?.faceLandmarks ?? {}) as FaceModels.Coordinate[];
  expect(landmarks).toHaveLength(27);
  expect(landmarks.every(({ x, y }) => x >= 0 && x < 768 && y >= 0 && y < 960)).toBe(true);
  const { pupilLeft, pupilRight, noseTip } = found?.faceLandmarks ?? {};
  expect(pupilLeft?.x).toBeLessThan(noseTip?.x ?? 0);
  expect(noseTip?.x).toBeLessThan(pupilRight?.x ?? 0);
  expect(found?.faceAttributes).toMatchObject({
    blur: { blurLevel: 'low' },
    exposure: { exposureLevel: 'goodExposure' },
    qualityForRecognition: 'high',
  });
  expect(Math.abs(found?.faceAttributes?.headPose?.roll ?? 90)).toBeLessThan(10);
});

test('a blurred portrait is said to be blurred and of low quality', async () => {
  const blurred = await sharp(sample('person-a-1.jpg')).blur(5).jpeg({ quality: 92 }).toBuffer();
  const [found] = await clients.face.face.detectWithStream(blurred, {
    ...MODELS,
    returnFaceAttributes: ['blur', 'qualityForRecognition'] as FaceModels.FaceAttributeType[],
  });
  expect(found?.faceAttributes).toMatchObject({ blur: { blurLevel: 'high' }, qualityForRecognition: 'low' });
});

test('a drawn sign is read exactly, by Read and by recognizePrintedText', async () => {
  const image = await sign('Welcome home', 'Platform 42');
  expect(await readLines(image)).toEqual(['Welcome home', 'Platform 42']);
  const { regions, orientation } = await clients.vision.recognizePrintedTextInStream(true, image);
  const lines = regions?.flatMap((region) => region.lines ?? []) ?? [];
  expect(lines.map(({ words }) => words?.map(({ text }) => text))).toEqual([
    ['Welcome', 'home'],
    ['Platform', '42'],
  ]);
  expect(orientation).toBe('Up');
  for (const { boundingBox } of lines) expect(boundingBox).toMatch(/^\d+,\d+,\d+,\d+$/);
});

test('the sign in the sample photograph is read', async () => {
  expect(await readLines(sample('sign.jpg'))).toEqual(['REUNION', 'CENTRE', '42']);
});

test('a photograph is analyzed: person, colours, one face', async () => {
  const answer = await clients.vision.analyzeImageInStream(sample('person-a-1.jpg'), {
    visualFeatures: [
      'Categories',
      'Tags',
      'Description',
      'Faces',
      'Objects',
      'Color',
      'Adult',
      'ImageType',
      'Brands',
    ],
  });
  expect(answer.metadata).toEqual({ width: 768, height: 960, format: 'Jpeg' });
  expect(answer.tags?.map(({ name }) => name)).toContain('person');
  expect(answer.categories?.map(({ name }) => name)).toContain('people_portrait');
  expect(answer.faces).toHaveLength(1);
  expect(answer.color?.isBWImg).toBe(false);
  expect(answer.description?.captions?.[0]?.text).toMatch(/^a person/);
  expect(answer).not.toHaveProperty('imageType');
  expect(answer).not.toHaveProperty('brands');
});

test('a greyscale picture is reported as such', async () => {
  const grey = await sharp(sample('person-a-1.jpg')).greyscale().toColourspace('srgb').jpeg().toBuffer();
  const answer = await clients.vision.analyzeImageInStream(grey, { visualFeatures: ['Color', 'Tags'] });
  expect(answer.color?.isBWImg).toBe(true);
  expect(answer.tags?.map(({ name }) => name)).toContain('black and white');
});

test('a truncated JPEG and a PNG bomb are refused, and the engine goes on', async () => {
  const truncated = sample('person-a-1.jpg').subarray(0, 20_000);
  expect(await refusal(clients.face.face.detectWithStream(truncated))).toMatchObject({
    code: 'InvalidImage',
  });
  const bomb = pngOf(30_000, 30_000);
  expect(bomb.length).toBeLessThan(4 * 1024 * 1024);
  expect(await refusal(clients.vision.analyzeImageInStream(bomb))).toMatchObject({
    body: { error: { innererror: { code: 'InvalidImageSize' } } },
  });
  expect(await refusal(clients.face.face.detectWithStream(bomb))).toMatchObject({ code: 'InvalidImageSize' });
  expect(await clients.face.face.detectWithStream(sample('person-b-1.jpg'))).toHaveLength(1);
});

test.runIf(existsSync(`${photographs}two_people.jpg`))(
  'in real photographs, the two men are matched one each, and the astronaut with neither',
  async () => {
    const { face } = clients;
    const photograph = (name: string) => readFileSync(photographs + name);
    await face.faceList.create('portraits', 'Portraits', { recognitionModel: MODELS.recognitionModel });
    const names = new Map<string, string>();
    for (const name of ['obama.jpg', 'biden.jpg', 'astronaut.png']) {
      const { persistedFaceId } = await face.faceList.addFaceFromStream('portraits', photograph(name));
      names.set(persistedFaceId, name);
    }
    const two = await face.face.detectWithStream(photograph('two_people.jpg'), MODELS);
    const matches: (string | undefined)[][] = [];
    for (const { faceId } of two) {
      const similar = await face.face.findSimilar(faceId ?? '', { faceListId: 'portraits' });
      matches.push(similar.map(({ persistedFaceId }) => names.get(persistedFaceId ?? '')));
    }
    expect(matches.sort()).toEqual([['biden.jpg'], ['obama.jpg']]);
  },
);
