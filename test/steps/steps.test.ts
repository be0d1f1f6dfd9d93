import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { openApp } from '../../src/app.ts';
import { ImageChangedError } from '../../src/domain/errors.ts';
import type { Pixels } from '../../src/domain/pixels.ts';
import { silentLog } from '../../src/domain/ports.ts';
import type { AnyStep, StepContext } from '../../src/domain/step.ts';
import { warningsOf } from '../../src/domain/warning.ts';
import type { Point } from '../../src/local/vision/analysis.ts';
import { createEngine } from '../../src/local/vision/engine.ts';
import type { EngineOptions } from '../../src/local/vision/options.ts';
import type { Matches } from '../../src/steps/facematch.ts';
import type { Faceprints } from '../../src/steps/faceprint.ts';
import { toResult } from '../../src/steps/to-result.ts';
import { createFakeAnalyzer, picture, portrait } from '../local/vision/fake-analyzer.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { png, quadrants } from '../support/images.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator?.stop());

let prefixes = 0;
/** The steps over the real emulator and a real engine that sees what a test's picture says, each with lists of its own. */
async function openSteps(options: Partial<EngineOptions> = {}, env: Record<string, string> = {}) {
  let ahead = 0;
  // It runs: the rate governor waits by it.
  const clock = () => Date.now() + ahead;
  const engine = createEngine({ analyzer: createFakeAnalyzer(), clock, ...options });
  const url = await engine.listen();
  onTestFinished(() => engine.close());
  prefixes += 1;
  const app = await openApp(
    {
      AzureWebJobsStorage: emulator.connectionString,
      COMPUTER_VISION_ENDPOINT: url,
      COMPUTER_VISION_KEY: 'x',
      FACE_ENDPOINT: url,
      FACE_KEY: 'x',
      FACE_LIST_PREFIX: `steps-${prefixes}`,
      ...env,
    },
    silentLog,
    undefined,
    { clock },
  );
  await app.ensure();
  onTestFinished(() => app.close());
  const { storage, settings, batches } = app;
  const gallery = app.gallery();
  const run = async (name: string, bytes: Buffer, given: Partial<StepContext> = {}) => {
    const step = app.registry.get(name) as AnyStep;
    const pixels: Pixels = quadrants(640, 400);
    const id = given.job?.id ?? `job-${prefixes}`;
    return step.schema.parse(
      await step.run({
        job: { id, batchId: 'b', run: 0, pipeline: [name], parameters: undefined },
        image: {
          url: `https://images/${id}.jpg`,
          contentType: 'image/jpeg',
          width: 640,
          height: 400,
          bytes: async () => bytes,
          pixels: async () => pixels,
        },
        output: {},
        previous: undefined,
        record: undefined as never,
        settings,
        log: silentLog,
        signal: new AbortController().signal,
        ...given,
      }),
    );
  };
  const job = (id: string) => ({ job: { id, batchId: 'b', run: 0, pipeline: [], parameters: undefined } });
  /** Detects, prints and matches one picture as the pipeline would. */
  const photograph = async (id: string, bytes: Buffer) => {
    const detected = await run('facedetection', bytes, job(id));
    const printed = (await run('faceprint', bytes, {
      ...job(id),
      output: { facedetection: detected },
    })) as Faceprints;
    return {
      detected,
      printed,
      match: () =>
        run('facematch', bytes, { ...job(id), output: { faceprint: printed } }) as Promise<Matches>,
    };
  };
  return {
    storage,
    registry: app.registry,
    settings,
    run,
    job,
    photograph,
    gallery,
    batches,
    advance: (ms: number) => {
      ahead += ms;
    },
  };
}

describe('generalclassification and ocr', () => {
  test('what was found and not read is no text, and the row is warned of it', async () => {
    const { run } = await openSteps();
    const quad: [Point, Point, Point, Point] = [
      { x: 10, y: 10 },
      { x: 90, y: 10 },
      { x: 90, y: 30 },
      { x: 10, y: 30 },
    ];
    const unread = [{ quad, script: 'Cyrillic' }, { quad, script: 'Cyrillic' }, { quad }];
    const output = await run('ocr', picture({ text: { lines: [], angle: 0, unread } }));
    expect(output).toMatchObject({
      OCR_fullText: '',
      ocr: {
        readResults: [
          { unreadLines: [{ language: 'und-Cyrl' }, { language: 'und-Cyrl' }, { language: 'und' }] },
        ],
      },
      warnings: [
        { code: 'ScriptNotRead', message: expect.stringContaining('3 lines in Cyrillic script were found') },
      ],
    });
  });

  test('put out the response of the service as it is', async () => {
    const { run } = await openSteps();
    const bytes = picture({
      width: 200,
      height: 100,
      blackAndWhite: true,
      objects: [{ label: 'dog', score: 0.9, box: { left: 1, top: 2, width: 60, height: 50 } }],
    });
    expect(await run('generalclassification', bytes)).toMatchObject({
      color: { isBWImg: true },
      tags: expect.arrayContaining([expect.objectContaining({ name: 'dog' })]),
    });
    expect(await run('ocr', bytes)).toMatchObject({
      OCR_fullText: '',
      ocr: { readResults: [{ lines: [] }] },
    });
  });
});

describe('faces', () => {
  test('detection works without Limited Access; faceprint and facematch are unavailable, by the account and by the setting', async () => {
    for (const open of [
      () => openSteps({ limitedAccess: false }),
      () => openSteps({}, { FACE_LIMITED_ACCESS: 'off' }),
    ]) {
      const { run } = await open();
      const bytes = portrait(1);
      const facedetection = await run('facedetection', bytes);
      expect(facedetection.faces).toHaveLength(1);
      await expect(run('faceprint', bytes, { output: { facedetection } })).rejects.toMatchObject({
        name: 'UnavailableError',
        code: 'LimitedAccessRequired',
      });
    }
  });

  test('the row of a crowd says that there may be more faces than the service names; that of ninety-nine does not', async () => {
    const { run, job } = await openSteps();
    const crowd = (count: number) =>
      picture({
        width: 1900,
        height: 1900,
        faces: Array.from({ length: count }, (_, i) => ({
          person: i,
          box: { left: 20 + (i % 12) * 150, top: 20 + Math.floor(i / 12) * 150, width: 60, height: 60 },
        })),
      });
    const cut = await run('facedetection', crowd(132), job('crowd'));
    expect(cut.faces).toHaveLength(100);
    expect(warningsOf(undefined, { facedetection: cut })).toMatchObject([{ code: 'FacesBeyondLimit' }]);
    const whole = await run('facedetection', crowd(99), job('ninetynine'));
    expect(whole.faces).toHaveLength(99);
    expect(warningsOf(undefined, { facedetection: whole })).toEqual([]);
  });

  test('keys stay with their faces over a rerun', async () => {
    const { run, job } = await openSteps();
    const first = await run('facedetection', portrait(1, 2), job('rerun'));
    const second = await run('facedetection', portrait(1, 2, 3), { ...job('rerun'), previous: first });
    expect(second.faces.map((face: { faceKey: string }) => face.faceKey)).toEqual([
      'rerun-1',
      'rerun-2',
      'rerun-3',
    ]);
  });

  test('defect 6 of 2017: crops are private, named by face, and gone again when taken back', async () => {
    const { run, job, storage, registry, settings } = await openSteps();
    const facedetection = await run('facedetection', portrait(1, 2), job('crops'));
    const output = await run('facecrop', await png(quadrants(640, 400)), {
      ...job('crops'),
      output: { facedetection },
    });
    expect(output.crops.map((crop: { name: string }) => crop.name)).toEqual([
      'crops/crops-1.jpg',
      'crops/crops-2.jpg',
    ]);
    expect(output.facesUrls[0]).toBe(storage.blobs.url('faces', 'crops/crops-1.jpg'));
    expect((await fetch(output.facesUrls[0])).ok).toBe(false);
    const retract = registry.get('facecrop')?.retract;
    await retract?.({
      ...job('crops'),
      output: undefined,
      settings,
      log: silentLog,
      signal: new AbortController().signal,
    });
    expect(await storage.blobs.head('faces', 'crops/crops-1.jpg')).toBeUndefined();
  });

  test('of two photographs of one person both orders end with the pair seen, and nobody matches himself or a stranger', async () => {
    const { photograph } = await openSteps();
    const one = await photograph('one', portrait(1));
    const two = await photograph('two', portrait(1, 2));
    const stranger = await photograph('stranger', portrait(3));
    expect((await one.match()).matches).toEqual([]);
    const found = await two.match();
    expect(found.matches).toMatchObject([
      { id: 'one', image_url: 'https://images/one.jpg', face_key: 'two-1', other_face_key: 'one-1' },
    ]);
    expect(found.faces.every((face) => face.enrolled)).toBe(true);
    expect((await one.match()).matches).toMatchObject([{ id: 'two', face_key: 'one-1' }]);
    expect((await stranger.match()).matches).toEqual([]);
  });

  test('jobs whose messages bring the same face keys have faces of their own, found and saved', async () => {
    const { run, job, photograph } = await openSteps();
    const printed = [];
    for (const id of ['one', 'two']) {
      const bytes = portrait(1);
      const { detected, printed: prints } = await photograph(id, bytes);
      const brought = { faces: prints.faces.map((face) => ({ ...face, faceKey: 'sample-1' })) };
      const output = {
        facedetection: {
          faces: (detected as typeof brought).faces.map((face) => ({ ...face, faceKey: 'sample-1' })),
        },
      };
      const crops = (await run('facecrop', await png(quadrants(640, 400)), { ...job(id), output })) as {
        crops: { faceKey: string }[];
      };
      const matched = (await run('facematch', bytes, {
        ...job(id),
        output: { faceprint: brought },
      })) as Matches;
      const record = {
        imageUrl: `https://images/${id}.jpg`,
        steps: {},
        end: undefined,
        image: undefined,
      } as never;
      const result = toResult(job(id).job, record, { ...output, facecrop: crops, facematch: matched }, 0);
      printed.push({ matched, result });
    }
    const [one, two] = printed;
    expect(one?.result.faces[0]).toMatchObject({ enrolled: true, crop: expect.stringMatching(/^one\/one-/) });
    expect(two?.result.faces[0]?.key).not.toBe(one?.result.faces[0]?.key);
    expect(two?.matched.matches).toMatchObject([{ id: 'one', other_face_key: one?.result.faces[0]?.key }]);
    expect(two?.result.matches[0]?.face).toBe(two?.result.faces[0]?.key);
  });

  test('defect 8 of 2017: matching again enrols nothing again', async () => {
    const { photograph } = await openSteps();
    await (await photograph('first', portrait(7))).match();
    const again = await photograph('again', portrait(7));
    const once = await again.match();
    expect((await again.match()).matches).toEqual(once.matches);
    expect(once.matches).toHaveLength(1);
  });

  test('a delivery that cannot ask whether matching is allowed takes nothing from one that has ended', async () => {
    const { photograph, batches } = await openSteps();
    const first = await photograph('ended', portrait(6));
    await first.match();
    const ask = batches.get;
    batches.get = () => Promise.reject(new Error('storage is away'));
    await expect(first.match()).rejects.toThrow('storage is away');
    batches.get = ask;
    expect((await (await photograph('other', portrait(6))).match()).matches).toMatchObject([{ id: 'ended' }]);
  });

  test('a face id that expired on the way is made again, not failed', async () => {
    const { photograph, advance } = await openSteps();
    await (await photograph('early', portrait(4))).match();
    const late = await photograph('late', portrait(4));
    advance(25 * 3_600_000);
    expect((await late.match()).matches).toMatchObject([{ id: 'early' }]);
  });

  test('faces too small to trust are left out, and said to be', async () => {
    const { photograph } = await openSteps();
    const small = picture({
      width: 600,
      height: 400,
      faces: [{ person: 1, box: { left: 10, top: 10, width: 50, height: 50 } }],
    });
    await (await photograph('large', portrait(1))).match();
    expect(await (await photograph('small', small)).match()).toMatchObject({
      matches: [],
      faces: [{ enrolled: false, reason: 'smaller than 60 pixels' }],
    });
  });

  test('a face that a rerun no longer sees is no longer found', async () => {
    const { photograph, run, job } = await openSteps();
    const both = await photograph('both', portrait(5, 6));
    await both.match();
    await run('facematch', portrait(5), {
      ...job('both'),
      output: { faceprint: { faces: both.printed.faces.slice(0, 1) } },
    });
    expect((await (await photograph('five', portrait(5))).match()).matches).toHaveLength(1);
    expect((await (await photograph('six', portrait(6))).match()).matches).toEqual([]);
  });

  test('an image that changed under way is not swallowed by matching', async () => {
    const { photograph, run, job } = await openSteps();
    const { printed } = await photograph('changed', portrait(8));
    const image = {
      ...({} as StepContext['image']),
      url: 'u',
      bytes: () => Promise.reject(new ImageChangedError('gone')),
    };
    await expect(
      run('facematch', Buffer.alloc(0), {
        ...job('changed'),
        image: image as StepContext['image'],
        output: { faceprint: printed },
      }),
    ).rejects.toBeInstanceOf(ImageChangedError);
  });
});
