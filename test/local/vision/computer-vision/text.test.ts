import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { AnalyzedText, Point } from '../../../../src/local/vision/analysis.ts';
import { describePage, orient } from '../../../../src/local/vision/computer-vision/ocr.ts';
import { rotate } from '../../../../src/local/vision/geometry.ts';
import { refusal } from '../clients.ts';
import { picture } from '../fake-analyzer.ts';
import { eventually, startEngine } from '../start-engine.ts';

type Quad = [Point, Point, Point, Point];

const quad = (left: number, top: number, width: number, height: number): Quad => [
  { x: left, y: top },
  { x: left + width, y: top },
  { x: left + width, y: top + height },
  { x: left, y: top + height },
];

const line = (text: string, left: number, top: number) => {
  const words = text.split(' ').map((word, i) => ({
    text: word,
    confidence: 0.91234567,
    quad: quad(left + i * 60, top, 50, 20),
  }));
  return { text, confidence: 0.9, quad: quad(left, top, 60 * words.length - 10, 20), words };
};

const TEXT: AnalyzedText = {
  angle: 0,
  lines: [line('A GOAL', 100, 100), line('A PLAN', 100, 130), line('FAR AWAY', 400, 400)],
};

const turned = (text: AnalyzedText, centre: Point, degrees: number): AnalyzedText => {
  const turn = (corners: Quad) => corners.map((corner) => rotate(corner, centre, degrees)) as Quad;
  return {
    angle: degrees,
    lines: text.lines.map((each) => ({
      ...each,
      quad: turn(each.quad),
      words: each.words.map((word) => ({ ...word, quad: turn(word.quad) })),
    })),
  };
};

describe('recognizePrintedText', () => {
  test('answers regions, lines and words with boxes as text', async () => {
    const { vision } = await startEngine();
    const answer = await vision.recognizePrintedTextInStream(true, picture({ text: TEXT }), {
      language: 'en',
    });
    expect(answer).toEqual({
      language: 'en',
      textAngle: 0,
      orientation: 'Up',
      modelVersion: expect.any(String),
      regions: [
        {
          boundingBox: '100,100,110,50',
          lines: [
            {
              boundingBox: '100,100,110,20',
              words: [
                { boundingBox: '100,100,50,20', text: 'A' },
                { boundingBox: '160,100,50,20', text: 'GOAL' },
              ],
            },
            {
              boundingBox: '100,130,110,20',
              words: [
                { boundingBox: '100,130,50,20', text: 'A' },
                { boundingBox: '160,130,50,20', text: 'PLAN' },
              ],
            },
          ],
        },
        {
          boundingBox: '400,400,110,20',
          lines: [expect.objectContaining({ boundingBox: '400,400,110,20' })],
        },
      ],
    });
  });

  test('a picture without text has no regions and no orientation', async () => {
    const { vision } = await startEngine();
    const answer = await vision.recognizePrintedTextInStream(true, picture());
    expect(answer).toMatchObject({ language: 'unk', textAngle: 0, orientation: 'NotDetected', regions: [] });
  });

  test('its errors are flat', async () => {
    const { vision } = await startEngine();
    const error = await refusal(vision.recognizePrintedTextInStream(true, Buffer.from('no image')));
    expect(error).toMatchObject({
      status: 400,
      code: 'InvalidImageFormat',
      body: {
        code: 'InvalidImageFormat',
        message: 'Input data is not a valid image.',
        requestId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
    });
    const language = refusal(vision.recognizePrintedTextInStream(true, picture(), { language: 'ja' }));
    expect(await language).toMatchObject({ status: 400, code: 'NotSupportedLanguage' });
  });

  test('slanted text is described as it stands in the image turned by textAngle', () => {
    const info = { width: 640, height: 480, format: 'Jpeg' as const };
    const centre = { x: 320, y: 240 };
    const upright = describePage(TEXT, info, true);
    fc.assert(
      fc.property(fc.integer({ min: -44, max: 44 }), (degrees) => {
        const page = describePage(turned(TEXT, centre, degrees), info, true);
        expect(page.orientation).toBe('Up');
        expect(page.textAngle).toBeCloseTo((-degrees * Math.PI) / 180, 10);
        expect(page.regions).toEqual(upright.regions);
      }),
    );
  });

  test('the orientation says where the top of the text faces', () => {
    expect(orient(0)).toEqual({ orientation: 'Up', correction: 0 });
    expect(orient(90)).toEqual({ orientation: 'Right', correction: 0 });
    expect(orient(-90)).toEqual({ orientation: 'Left', correction: 0 });
    expect(orient(180)).toEqual({ orientation: 'Down', correction: 0 });
    expect(orient(-178)).toEqual({ orientation: 'Down', correction: -2 });
    expect(orient(93)).toEqual({ orientation: 'Right', correction: -3 });
  });
});

describe('read', () => {
  const idOf = (operationLocation: string) => operationLocation.split('/').at(-1) ?? '';

  test('is answered at once with where to ask, and then with lines and words', async () => {
    const { vision, url } = await startEngine();
    const { operationLocation } = await vision.readInStream(picture({ text: TEXT }));
    expect(operationLocation.startsWith(`${url}/vision/v3.2/read/analyzeResults/`)).toBe(true);
    const answer = await eventually(
      () => vision.getReadResult(idOf(operationLocation)),
      ({ status }) => status === 'succeeded',
    );
    expect(answer).toMatchObject({
      createdDateTime: '2026-11-01T12:00:00.000Z',
      analyzeResult: { version: '3.2.0', modelVersion: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/) },
    });
    const [page] = answer.analyzeResult?.readResults ?? [];
    expect(page).toMatchObject({ page: 1, angle: 0, width: 640, height: 480, unit: 'pixel' });
    expect(page?.lines.map(({ text }) => text)).toEqual(['A GOAL', 'A PLAN', 'FAR AWAY']);
    expect(page?.lines[0]).toEqual({
      boundingBox: [100, 100, 210, 100, 210, 120, 100, 120],
      text: 'A GOAL',
      words: [
        { boundingBox: [100, 100, 150, 100, 150, 120, 100, 120], text: 'A', confidence: 0.9123 },
        { boundingBox: [160, 100, 210, 100, 210, 120, 160, 120], text: 'GOAL', confidence: 0.9123 },
      ],
    });
  });

  test('is running until the models are done', async () => {
    const started = await startEngine();
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let calls = 0;
    // The first look is at the size, before the call is answered; the second is the reading itself.
    started.analyzer.gate = () => (calls++ === 0 ? Promise.resolve() : held);
    const { operationLocation } = await started.vision.readInStream(picture({ text: TEXT }));
    const ask = () => started.vision.getReadResult(idOf(operationLocation));
    expect((await ask()).status).toBe('running');
    release();
    expect(await eventually(ask, ({ status }) => status !== 'running')).toMatchObject({
      status: 'succeeded',
    });
  });

  test('fails when the models do', async () => {
    const started = await startEngine();
    let calls = 0;
    started.analyzer.gate = () =>
      calls++ === 0 ? Promise.resolve() : Promise.reject(new Error('out of memory'));
    const { operationLocation } = await started.vision.readInStream(picture());
    const ask = () => started.vision.getReadResult(idOf(operationLocation));
    const answer = await eventually(ask, ({ status }) => status !== 'running');
    expect(answer.status).toBe('failed');
    expect(answer).not.toHaveProperty('analyzeResult');
  });

  test('refuses at once what is not an image', async () => {
    const { vision } = await startEngine();
    expect(await refusal(vision.readInStream(Buffer.from('no image')))).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidRequest', innererror: { code: 'InvalidImageFormat' } } },
    });
  });

  test('results are kept for a time, and no others are known', async () => {
    const { vision, advance } = await startEngine({ readResultMs: 60_000 });
    const { operationLocation } = await vision.readInStream(picture());
    const ask = () => vision.getReadResult(idOf(operationLocation));
    await eventually(ask, ({ status }) => status === 'succeeded');
    advance(60_000);
    expect(await refusal(ask())).toMatchObject({ status: 404 });
    expect(await refusal(vision.getReadResult('00000000-0000-4000-8000-000000000000'))).toMatchObject({
      status: 404,
      body: { error: { innererror: { code: 'OperationNotFound' } } },
    });
  });
});
