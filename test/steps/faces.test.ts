import { describe, expect, test } from 'vitest';
import { PermanentError, UnavailableError } from '../../src/domain/errors.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { FIRST_MODEL } from '../../src/domain/recognition-model.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { facecrop } from '../../src/steps/facecrop.ts';
import { facedetection, keyed } from '../../src/steps/facedetection.ts';
import { facematch } from '../../src/steps/facematch.ts';
import { faceprint } from '../../src/steps/faceprint.ts';
import { ocr } from '../../src/steps/ocr.ts';
import { FaceIdExpiredError } from '../../src/vision/errors.ts';
import { png, quadrants } from '../support/images.ts';

/** The steps one by one, over a gallery and services that say what the test says: what they ask, and in which order. */
const rectangle = (left = 0, width = 100, height = 100) => ({ left, top: 0, width, height });
const face = (n: number, more = {}) => ({
  ...{ faceKey: `job-${n}`, faceRectangle: rectangle(n * 200), faceId: `id${n}`, quality: 'high' },
  ...more,
});
const { signal } = new AbortController();
const context = (output: object, more = {}) =>
  ({
    job: { id: 'job', batchId: 'b', run: 0, pipeline: [], parameters: undefined },
    image: {
      ...{ url: 'http://x/job.jpg', contentType: 'image/jpeg', width: 640, height: 480 },
      bytes: () => png(quadrants(640, 480)),
      pixels: async () => quadrants(640, 480),
    },
    ...{ output, previous: undefined, record: undefined, settings: readSettings({ FACE_MIN_SIZE: '36' }) },
    ...{ log: silentLog, signal },
    ...more,
  }) as never;

/** What each call did, in order. */
function world({
  forbidden = (): boolean => false,
  remembered = undefined as (() => boolean) | undefined,
  refuses = {} as Record<string, Error>,
  found = [] as object[],
  finds = async () => {},
} = {}) {
  const calls: string[] = [];
  const kept = [{ key: 'job-1' }];
  const known: unknown[] = [];
  const searched: {
    options: {
      jobKey: string;
      imageUrl: string;
      max: number;
      own: object[];
      isBarred(batch: string): Promise<boolean>;
    };
  }[] = [];
  const gallery = {
    index: 'faceindex',
    keepOnly: async (key: string, keys: string[]) => {
      calls.push(`keep ${key} ${keys.join()}`);
      return new Map([
        ['faceindex', kept],
        ['other', []],
      ]);
    },
    enrol: async ({ key }: { key: string }, _: Buffer, __: AbortSignal, given: unknown) => {
      calls.push(`enrol ${key}`);
      known.push(given);
      const error = refuses[key];
      if (error) throw error;
      return [{ listId: 'l', persistedFaceId: `at ${key}` }];
    },
    findEach: async (
      keys: string[],
      withId: (key: string, find: (faceId: string) => Promise<object[]>) => Promise<object[]>,
      options: never,
    ) => {
      searched.push({ options });
      const each = new Map<string, object[]>();
      for (const key of keys)
        each.set(
          key,
          await withId(key, async (faceId) => {
            calls.push(`find ${faceId}`);
            await (finds as (faceId: string) => Promise<void>)(faceId);
            return found;
          }),
        );
      return each;
    },
  };
  const service = {
    model: FIRST_MODEL,
    requireLimitedAccess: () => calls.push('access'),
    detect: async (_: Buffer, options: { faceId?: boolean }) => {
      calls.push(`detect ${options.faceId === true}`);
      return [
        {
          faceRectangle: rectangle(200),
          faceId: 'new1',
          faceAttributes: { qualityForRecognition: 'Low' },
        },
        { faceRectangle: rectangle(5000), faceId: 'else' },
      ];
    },
  };
  const services = {
    batches: {
      get: async (batch: string) => {
        calls.push(`consent ${batch}`);
        return { consent: { doNotMatch: batch === 'closed' || forbidden() } };
      },
      // Of the image's own batch nobody has read anything that forbids it.
      recent: async (batch: string) => {
        calls.push(`recent ${batch}`);
        return { consent: { doNotMatch: batch === 'closed' || (remembered ?? forbidden)() } };
      },
    },
    gallery: () => gallery,
    recognition: async () => ({ face: service, gallery }),
    vision: () => ({ face: service }),
  };
  return { services: services as never, calls, searched, gallery, kept, known };
}

describe('facematch', () => {
  const run = (services: never, faces: object[]) =>
    facematch(services).run(context({ faceprint: { faces } }));
  const pair = {
    faceKey: 'o-1',
    jobId: 'o',
    batchId: 'c',
    imageUrl: 'http://x/o.jpg',
    rectangle: rectangle(),
    confidence: 0.9,
  };

  test('asks whether it may, keeps what it trusts, enrols, asks again, and then finds', async () => {
    const { services, calls, searched } = world({ found: [pair, { ...pair, faceKey: 'p-1', margin: 0.1 }] });
    const result = await run(services, [face(1)]);
    expect(calls).toEqual(['recent b', 'keep job job-1', 'enrol job-1', 'consent b', 'find id1']);
    expect(result.faces).toEqual([{ faceKey: 'job-1', enrolled: true }]);
    const match = {
      ...{ id: 'o', batch_id: 'c', image_url: 'http://x/o.jpg', face_rectangle: rectangle() },
      ...{ other_face_key: 'o-1', face_key: 'job-1', confidence: 0.9 },
    };
    expect(result.matches).toEqual([match, { ...match, other_face_key: 'p-1', margin: 0.1 }]);
    const [{ options }] = searched as [(typeof searched)[number]];
    expect(options).toMatchObject({ jobKey: 'job', imageUrl: 'http://x/job.jpg', max: 100 });
    expect([await options.isBarred('closed'), await options.isBarred('open')]).toEqual([true, false]);
  });

  test('offers faces of a batch that was barred a moment ago: nobody looks for what it leaves out again', async () => {
    let isSaid = false;
    const { services, searched } = world({ forbidden: () => false, remembered: () => isSaid });
    await run(services, [face(1)]);
    isSaid = true;
    expect(await searched[0]?.options.isBarred('reopened')).toBe(false);
    expect(await searched[0]?.options.isBarred('closed')).toBe(true);
  });

  test('tells the enrolment what there is of the image, and the search where its own faces are', async () => {
    const { services, searched, kept, known } = world();
    await run(services, [face(1), face(2)]);
    expect(known).toEqual([kept, kept]);
    expect(searched).toHaveLength(1);
    expect(searched[0]?.options.own).toEqual([
      { listId: 'l', persistedFaceId: 'at job-1' },
      { listId: 'l', persistedFaceId: 'at job-2' },
    ]);
  });

  test('does not compare a face that is too small, was not seen again, or is too poor', async () => {
    const { services, calls } = world();
    const result = await run(services, [
      face(1, { faceRectangle: rectangle(0, 36, 36) }),
      face(2, { faceRectangle: rectangle(0, 35, 100) }),
      face(3, { faceRectangle: rectangle(0, 100, 35) }),
      face(4, { faceId: undefined }),
      face(5, { quality: 'low' }),
      face(6, { quality: 'medium' }),
      face(7, { quality: undefined }),
    ]);
    expect(result.faces.map(({ faceKey, enrolled, reason }) => [faceKey, enrolled, reason])).toEqual([
      ['job-1', true, undefined],
      ['job-2', false, 'smaller than 36 pixels'],
      ['job-3', false, 'smaller than 36 pixels'],
      ['job-4', false, 'not seen again by recognition'],
      ['job-5', false, 'quality too low for recognition'],
      ['job-6', true, undefined],
      ['job-7', true, undefined],
    ]);
    expect(calls).toContain('keep job job-1,job-6,job-7');
    expect(calls.filter((call) => call.startsWith('find'))).toEqual(['find id1', 'find id6', 'find id7']);
  });

  test('takes nothing out where a first run has no face, and all where an earlier one may have had some', async () => {
    const first = world();
    await run(first.services, []);
    expect(first.calls).toEqual(['recent b']);
    const later = world();
    const rerun = { job: { id: 'job', batchId: 'b', run: 1, pipeline: [], parameters: undefined } };
    await facematch(later.services).run(context({ faceprint: { faces: [] } }, rerun));
    expect(later.calls).toEqual(['recent b', 'keep job ']);
    const small = world();
    await run(small.services, [face(1, { quality: 'low' })]);
    expect(small.calls).toEqual(['recent b', 'keep job ']);
  });

  test('leaves one face that the service refuses, and no other; another fault is the image’s', async () => {
    const refuses = { 'job-1': new PermanentError('NoFace' as never, 'None.') };
    const { services, calls } = world({ refuses });
    const { faces } = await run(services, [face(1), face(2)]);
    expect(faces).toEqual([
      { faceKey: 'job-1', enrolled: false, reason: 'NoFace' },
      { faceKey: 'job-2', enrolled: true },
    ]);
    expect(calls.filter((call) => call.startsWith('find'))).toEqual(['find id2']);
    const away = world({ refuses: { 'job-1': new Error('away') } });
    await expect(run(away.services, [face(1)])).rejects.toThrow('away');
  });

  test('takes back what is enrolled where matching is forbidden, before or meanwhile, and looks for nobody', async () => {
    const before = world({ forbidden: () => true });
    await expect(run(before.services, [face(1)])).rejects.toMatchObject({ code: 'DoNotMatch' });
    expect(before.calls).toEqual(['recent b', 'consent b', 'keep job ']);
    const lifted = world({ remembered: () => true });
    expect((await run(lifted.services, [face(1)])).faces).toMatchObject([{ enrolled: true }]);
    let enrolled = false;
    const meanwhile = world({ forbidden: () => enrolled });
    const { enrol } = meanwhile.gallery;
    meanwhile.gallery.enrol = async (...given) => {
      const places = await enrol(...given);
      enrolled = true;
      return places;
    };
    await expect(run(meanwhile.services, [face(1)])).rejects.toBeInstanceOf(UnavailableError);
    expect(meanwhile.calls).toEqual([
      ...['recent b', 'keep job job-1', 'enrol job-1', 'consent b', 'keep job '],
    ]);
    const unasked = world({
      forbidden: () => {
        throw new Error('away');
      },
    });
    await expect(run(unasked.services, [face(1)])).rejects.toThrow('away');
    expect(unasked.calls, 'nobody could be asked').toEqual(['recent b']);
  });

  test('makes faceprints again where the service has forgotten them, and skips a face it no longer sees', async () => {
    const forgotten = async (faceId: string) => {
      if (/^id/.test(faceId)) throw new FaceIdExpiredError();
    };
    const { services, calls } = world({ finds: forgotten as never, found: [pair] });
    const { matches } = await run(services, [face(1), face(2)]);
    expect(calls.slice(-3), 'of the second there is nothing to search with').toEqual([
      'find id1',
      'detect true',
      'find new1',
    ]);
    expect(matches.map(({ face_key: key }) => key)).toEqual(['job-1']);
    const other = world({
      finds: (async () => {
        throw new Error('away');
      }) as never,
    });
    await expect(run(other.services, [face(1)])).rejects.toThrow('away');
    expect(other.calls).not.toContain('detect true');
  });

  test('prints anew where another model made the faceprints: what they are called is unknown to the one in use', async () => {
    const { services, calls } = world({ found: [pair] });
    const printed = { model: 'recognition_03', faces: [face(1), face(2)] };
    const { matches, model } = await facematch(services).run(context({ faceprint: printed }));
    expect(calls.filter((call) => /^(detect|find)/.test(call))).toEqual(['detect true', 'find new1']);
    expect(matches.map(({ face_key: key }) => key)).toEqual(['job-1']);
    expect(model).toBe(FIRST_MODEL);
  });

  test('takes a job’s faces back, whoever asks', async () => {
    const { services, calls } = world();
    const step = facematch(services);
    await step.withdraw?.(context({}));
    await step.retract?.(context({}));
    expect(calls).toEqual(['keep job ', 'keep job ']);
  });
});

describe('faceprint', () => {
  const run = (services: never, faces: object[]) =>
    faceprint(services).run(context({ facedetection: { faces } }));

  test('asks for access, then for consent, then for faceprints, each for the face it overlaps', async () => {
    const { services, calls } = world();
    expect(await run(services, [face(1), face(2)])).toEqual({
      model: FIRST_MODEL,
      faces: [
        { faceKey: 'job-1', faceRectangle: rectangle(200), faceId: 'new1', quality: 'low' },
        { faceKey: 'job-2', faceRectangle: rectangle(400) },
      ],
    });
    expect(calls).toEqual(['access', 'recent b', 'detect true']);
  });

  test('asks the service nothing where there is no face, or matching is forbidden', async () => {
    const none = world();
    expect(await run(none.services, [])).toEqual({ model: FIRST_MODEL, faces: [] });
    const forbidden = world({ forbidden: () => true });
    await expect(run(forbidden.services, [face(1)])).rejects.toMatchObject({ code: 'DoNotMatch' });
    expect(none.calls).toEqual(['access', 'recent b']);
    expect(forbidden.calls).toEqual(['access', 'recent b', 'consent b']);
  });
});

describe('facedetection', () => {
  const detecting = (count: number) =>
    ({
      vision: () => ({
        face: {
          detect: async () =>
            Array.from({ length: count }, (_, n) => ({ faceRectangle: rectangle(n * 200) })),
        },
      }),
    }) as never;
  const run = (count: number, previous?: object) =>
    facedetection(detecting(count)).run(context({}, { previous }));
  const keys = ({ faces }: { faces: { faceKey?: string | undefined }[] }) =>
    faces.map(({ faceKey }) => faceKey);

  test('numbers faces from 1, keeps the key of one that is where it was, and gives none twice', async () => {
    expect(await run(2)).toEqual({
      faces: [
        { faceKey: 'job-1', faceRectangle: rectangle(0) },
        { faceKey: 'job-2', faceRectangle: rectangle(200) },
      ],
    });
    const before = { faces: [{ faceKey: 'job-7', faceRectangle: rectangle(200) }] };
    const again = await run(2, before);
    expect(keys(again)).toEqual(['job-8', 'job-7']);
    expect(again).not.toHaveProperty('highestFace');
    const fewer = await run(1, { faces: [face(0, { faceKey: 'job-3' }), face(1, { faceKey: 'job-9' })] });
    expect(keys(fewer)).toEqual(['job-3']);
    expect(fewer.highestFace, 'so that it is not given again').toBe(9);
    expect(keys(await run(2, { ...fewer, highestFace: 9 }))).toEqual(['job-3', 'job-10']);
    expect((await run(0, { faces: [], highestFace: 9 })).highestFace).toBe(9);
    expect(await run(0), 'none was ever given').toStrictEqual({ faces: [] });
    expect(await run(1, { faces: [face(0, { faceKey: 'job-3' })] })).not.toHaveProperty('highestFace');
  });

  test('says where the service may have left smaller faces out', async () => {
    expect(await run(99)).not.toHaveProperty('warnings');
    expect((await run(100)) as object).toMatchObject({ warnings: [{ code: 'FacesBeyondLimit' }] });
  });

  test('gives what a message brought along keys of the job, no two the same', () => {
    const brought = (...given: (string | undefined)[]) =>
      keyed({ faces: given.map((faceKey) => ({ faceKey, faceRectangle: rectangle() })) }, 'job').map(
        ({ faceKey }) => faceKey,
      );
    expect(brought(undefined, 'job-2', undefined)).toEqual(['job-1', 'job-2', 'job-3']);
    expect(brought('job-1', 'job-1', 'job-1')).toEqual(['job-1', 'job-1_', 'job-1__']);
    expect(brought('other-1')[0]).toMatch(/^job-[0-9a-f]{12}$/);
  });
});

describe('facecrop', () => {
  test('cuts out each face under its own key, and deletes those of faces that are no more', async () => {
    const calls: string[] = [];
    const blobs = {
      write: async (container: string, name: string) => calls.push(`write ${container} ${name}`),
      delete: async (container: string, name: string) => calls.push(`delete ${container} ${name}`),
      url: (container: string, name: string) => `http://x/${container}/${name}`,
      list: async function* (_: string, prefix: string) {
        calls.push(`list ${prefix}`);
        yield { name: `${prefix}a` };
        yield { name: `${prefix}b` };
      },
    };
    const step = facecrop({ blobs } as never);
    const previous = { crops: [{ name: 'job/job-1.jpg' }, { name: 'job/job-9.jpg' }] };
    const output = { facedetection: { faces: [face(1), face(2)] } };
    const result = await step.run(context(output, { previous }));
    expect(calls).toEqual([
      'write faces job/job-1.jpg',
      'write faces job/job-2.jpg',
      'delete faces job/job-9.jpg',
    ]);
    expect(result.facesUrls).toEqual(['http://x/faces/job/job-1.jpg', 'http://x/faces/job/job-2.jpg']);
    calls.length = 0;
    await step.run(context({ facedetection: { faces: [face(1)] } }));
    expect(calls, 'a first time').toEqual(['write faces job/job-1.jpg']);
    calls.length = 0;
    await step.retract?.(context({}));
    expect(calls).toEqual(['list job/', 'delete faces job/a', 'delete faces job/b']);
  });
});

describe('ocr', () => {
  const run = (readResults: unknown) => {
    const analyzeResult = { readResults };
    const services = { vision: () => ({ computerVision: { read: async () => ({ analyzeResult }) } }) };
    return ocr(services as never).run(context({}));
  };

  test('joins the lines of all pages, and tells of those that were found and not read', async () => {
    const pages = [{ lines: [{ text: 'a' }, { text: 'b' }] }, {}, { lines: [{ text: 'c' }] }];
    expect(await run(pages)).toEqual({ ocr: { readResults: pages }, OCR_fullText: 'a\nb\nc' });
    expect((await run(undefined)).OCR_fullText).toBe('');
    const warned = async (...unreadLines: object[]) =>
      (await run([{ unreadLines }, 'no page'])).warnings?.[0]?.message;
    expect(await warned({ script: 'Thai' })).toMatch(/^One line in Thai script was found/);
    expect(await warned({ script: 'Thai' }, {}, { script: 'Lao' }, { script: 'Lao' })).toMatch(
      /^4 lines in Thai and Lao script were found/,
    );
    expect(await warned({})).toMatch(/^One line in a script that the engine does not know was/);
    expect(await warned()).toBeUndefined();
  });
});

test('without a face there is nothing to cut out, to print or to compare; with one there is', () => {
  const { services } = world();
  const [cut, print, match] = [facecrop(services), faceprint(services), facematch(services)];
  expect(cut.isIdle?.({ facedetection: { faces: [] } })).toBe(true);
  expect(print.isIdle?.({ facedetection: { faces: [] } })).toBe(true);
  expect(match.isIdle?.({ faceprint: { faces: [] } })).toBe(true);
  expect(cut.isIdle?.({ facedetection: { faces: [face(1)] } })).toBe(false);
  expect(print.isIdle?.({ facedetection: { faces: [face(1)] } })).toBe(false);
  expect(match.isIdle?.({ faceprint: { faces: [face(1)] } })).toBe(false);
});
