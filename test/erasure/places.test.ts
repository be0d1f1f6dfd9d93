import { describe, expect, test } from 'vitest';
import { originals, ownBlobs } from '../../src/erasure/places/blobs.ts';
import { deadLetters } from '../../src/erasure/places/dead-letters.ts';
import { enquiryRows } from '../../src/erasure/places/enquiries.ts';
import { journalRows } from '../../src/erasure/places/journal.ts';
import { mentions } from '../../src/erasure/places/mentions.ts';
import { personRows } from '../../src/erasure/places/persons.ts';
import { enquirySubject, personSubject, targetOf } from '../../src/erasure/subjects.ts';
import { containers } from '../../src/storage/names.ts';

const { signal } = new AbortController();
const subject = (id: string) => ({ id, batchId: 'b', imageUrl: `u/${id}` });
const target = targetOf([subject('a')]);

describe('what others say of an image', () => {
  const apart = { linked_content: 'two/facematch-1.json' };
  const says = { matches: [{ id: 'a' }] };
  function scene(isComplete: boolean) {
    const outputs: Record<string, Record<string, unknown>> = {
      a: { facematch: says },
      one: { duplicates: { matches: [] }, facematch: says },
      two: { facematch: apart },
      three: { facematch: { matches: [{ id: 'c' }] } },
    };
    const blobs: Record<string, unknown> = {
      'two/facematch-1.json': says,
      'two/facematch-0.json': says,
      'two/facematch-2.json': { matches: [] },
      'two/ocr-0.json': says,
      'two/facematch-3.json': says,
    };
    const calls: string[] = [];
    const deps = {
      registry: {
        names: ['ocr', 'facematch', 'duplicates'],
        get: (step: string) => ({ mentions: step !== 'ocr' }),
      },
      journal: {
        links: {
          isComplete: async () => isComplete,
          mentioning: async function* (image: string) {
            if (image === 'a') for (const id of ['a', 'one', 'two', 'three']) yield { id, batchId: 'b' };
          },
        },
        outputs: {
          all: async function* (steps: string[]) {
            calls.push(`all ${steps}`);
            for (const [id, of] of Object.entries(outputs)) yield { id, batchId: 'b', outputs: of };
          },
          of: async ({ id }: { id: string }) => outputs[id] ?? {},
          change: async ({ id }: { id: string }, steps: string[], change: (output: unknown) => unknown) => {
            calls.push(`change ${id} ${steps}`);
            for (const step of steps) outputs[id] = { ...outputs[id], [step]: change(outputs[id]?.[step]) };
          },
        },
      },
      storage: {
        blobs: {
          list: async function* (_: string, prefix: string) {
            for (const name of Object.keys(blobs)) if (name.startsWith(prefix)) yield { name };
          },
          write: async (_: string, name: string, bytes: Buffer) => {
            calls.push(`write ${name}`);
            blobs[name] = JSON.parse(bytes.toString());
          },
        },
      },
      claimCheck: { resolveOr: async (link: { linked_content: string }) => blobs[link.linked_content] },
      results: async () => ({
        erasures: {
          partnersOf: async (ids: string[]) => [`partner of ${ids}`, 'one'],
          forgetIn: async (rows: string[], _: unknown, options?: { dryRun?: boolean }) => {
            calls.push(`forget ${[...rows].sort()}${options?.dryRun ? ' dry' : ''}`);
            return rows.length;
          },
        },
      }),
    };
    return { place: mentions(deps as never), calls, outputs, blobs };
  }
  const [JOURNAL, LARGE, ROWS] = [
    'table:pipelinelogs, of other images',
    'blob:largemessages, of other images',
    'sql:pipeline_output, of other images',
  ] as const;
  const rows = 'one,partner of a,two';

  test.each([
    [true, 3],
    [false, 1],
  ])('is counted and taken out, by links (%s) or by going through all jobs', async (linked, apartOnes) => {
    const { place, calls, outputs, blobs } = scene(linked);
    expect(await place.count(target, { signal })).toEqual({ [JOURNAL]: 1, [LARGE]: apartOnes, [ROWS]: 3 });
    const all = linked ? [] : ['all facematch,duplicates'];
    expect(calls).toEqual([...all, `forget ${rows} dry`]);
    calls.length = 0;
    await place.erase(target, { signal });
    expect(
      calls.filter((call) => call.startsWith('all')),
      'what was counted is erased',
    ).toEqual([]);
    expect(calls.filter((call) => !call.startsWith('write'))).toEqual([
      ...['change one facematch', 'change two ', `forget ${rows}`],
    ]);
    expect(calls.at(-1), 'the rows last: they are found by what is said').toBe(`forget ${rows}`);
    expect(outputs.one).toEqual({ facematch: { matches: [] }, duplicates: { matches: [] } });
    expect(blobs['two/facematch-1.json']).toEqual({ matches: [] });
    expect(blobs['two/facematch-0.json']).toEqual(linked ? { matches: [] } : says);
    expect(blobs['two/ocr-0.json'], 'of a step that mentions nobody').toEqual(says);
    expect(await place.count(target, { signal })).toMatchObject({ [JOURNAL]: 0, [LARGE]: 0 });
  });

  test('is looked for where nobody has counted, and not after the signal', async () => {
    const { place, calls } = scene(true);
    await place.erase(target, { signal });
    expect(calls).toContain('change one facematch');
    const late = scene(true);
    await late.place.count(target, { signal });
    late.calls.length = 0;
    await expect(late.place.erase(target, { signal: AbortSignal.abort() })).rejects.toThrow();
    expect(late.calls).toEqual([]);
    await expect(scene(false).place.count(target, { signal: AbortSignal.abort() })).rejects.toThrow();
  });
});

test('what an image has is counted one by one: its blobs by container, its row of the journal and its job id', async () => {
  const two = targetOf([subject('a'), subject('b')]);
  const asked: string[] = [];
  const blobs = {
    // Of each container so many as its name has letters; of an image's own name alone.
    list: async function* (container: string, prefix: string) {
      asked.push(prefix);
      for (let n = 0; n < container.length; n += 1) yield { name: `${prefix}${n}` };
    },
  };
  const own = ownBlobs({ storage: { blobs } } as never);
  expect(await own.count(two, { signal })).toEqual(
    Object.fromEntries(own.stores.map(({ name }) => [name, 2 * name.slice('blob:'.length).length])),
  );
  expect(asked.every((prefix) => prefix.startsWith('a') || prefix.startsWith('b'))).toBe(true);
  const there = { a: { row: true, claim: true }, b: { row: true, claim: false } };
  const removed: string[] = [];
  const rows = journalRows({
    journal: {
      presence: async (_: string, id: 'a' | 'b') => there[id],
      remove: async (batch: string, id: string) => void removed.push(`${batch}/${id}`),
    },
  } as never);
  expect(Object.values(await rows.count(two, { signal }))).toEqual([2, 1]);
  await rows.erase(two, { signal });
  expect(removed).toEqual(['b/a', 'b/b']);
});

describe('dead letters', () => {
  const letter = (more: object) => ({ queue: 'ocr', message: '{}', ...more });
  function scene() {
    const letters = [
      letter({ jobId: 'a' }),
      letter({ message: JSON.stringify({ job_definition: { id: 'a' } }) }),
      letter({
        message: JSON.stringify({
          job_definition: { id: 'o' },
          job_output: { m: { matches: [{ id: 'a' }] } },
        }),
      }),
      letter({ jobId: 'o' }),
    ];
    const calls: string[] = [];
    const place = deadLetters({
      deadLetters: {
        list: async function* () {
          yield* letters;
        },
        discard: async (one: object) => void calls.push(`discard ${letters.indexOf(one as never)}`),
        rewrite: async (one: object, message: string) =>
          void calls.push(`rewrite ${letters.indexOf(one as never)} ${message}`),
      },
    } as never);
    return { place, calls };
  }

  test('about an image go, those about others lose what they say of it, and others stay', async () => {
    const { place, calls } = scene();
    expect(await place.count(target, { signal })).toEqual({ 'table:deadletters': 3 });
    await place.erase(target, { signal });
    expect(calls).toEqual([
      ...['discard 0', 'discard 1'],
      'rewrite 2 {"job_definition":{"id":"o"},"job_output":{"m":{"matches":[]}}}',
    ]);
    const over = { signal: AbortSignal.abort() };
    await expect(place.count(target, over)).rejects.toThrow();
    await expect(place.erase(target, over)).rejects.toThrow();
    expect(calls).toHaveLength(3);
  });
});

test('an enquiry goes with its settings before the candidates of others are made again', async () => {
  const id = '00000000-0000-0000-0000-000000000000';
  const enquiry = enquirySubject(id);
  const calls: string[] = [];
  const place = enquiryRows({
    results: async () => ({
      erasures: {
        enquiries: {
          count: async (own: string[], ids: string[]) => ({ enquiry: own.length, enquiry_face: ids.length }),
          remove: async (own: string[]) => void calls.push(`remove ${own}`),
          about: async () => [id, 'other', 'third'],
        },
      },
    }),
    batches: { forget: async (batch: string) => void calls.push(`forget ${batch}`) },
    enquiries: async () => ({ refresh: async (one: string) => void calls.push(`refresh ${one}`) }),
  } as never);
  const second = enquirySubject('11111111-0000-0000-0000-000000000000');
  const both = targetOf([subject('a'), enquiry, second]);
  expect(await place.count(both, { signal })).toEqual({ 'sql:enquiry': 2, 'sql:enquiry_face': 3 });
  await place.erase(both, { signal });
  expect(calls).toEqual([
    ...[`remove ${id},${second.id}`, `forget ${enquiry.batchId}`, `forget ${second.batchId}`],
    ...['refresh other', 'refresh third'],
  ]);
  calls.length = 0;
  await expect(place.erase(both, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(calls.filter((call) => call.startsWith('refresh'))).toEqual([]);
});

test('persons go one by one, as whoever asked for it, and no more of them once that is stopped', async () => {
  const erased: unknown[] = [];
  const stop = new AbortController();
  const persons = {
    traces: async (ids: string[]) => ({ person: ids.length, person_note: 0 }),
    erase: async (...given: unknown[]) => {
      erased.push(given);
      if (erased.length === 2) stop.abort();
    },
  };
  const place = personRows({ people: async () => ({ persons }) } as never);
  const target = targetOf([personSubject('a'), personSubject('b'), personSubject('c')]);
  expect(await place.count(target, { signal: stop.signal })).toEqual({
    'sql:person': 3,
    'sql:person_note': 0,
  });
  await expect(place.erase(target, { signal: stop.signal, by: 'ann' })).rejects.toThrow();
  expect(erased).toEqual([
    ['a', 'ann'],
    ['b', 'ann'],
  ]);
  await place.erase(targetOf([personSubject('c')]), { signal: new AbortController().signal });
  expect(erased.at(-1)).toEqual(['c', '']);
});

test('the uploaded image goes in the version that is erased; a copy of another place and one without a version do not go here', async () => {
  const calls: unknown[] = [];
  const heads: Record<string, string> = { 'b/mine.jpg': '1', 'b/newer.jpg': '2' };
  const blobs = {
    head: async (_: string, name: string) => (heads[name] ? { etag: heads[name] } : undefined),
    delete: async (...given: unknown[]) => void calls.push(given),
  };
  const place = originals({ storage: { blobs } } as never);
  const of = (name: string, etag: string, container: string = containers.input) => ({
    ...{ id: `${name} ${etag}`, batchId: 'b', imageUrl: 'u', source: { container, name, etag } },
  });
  const target = targetOf([
    of('b/mine.jpg', '1'),
    { ...of('b/mine.jpg', '1'), id: 'another job of it' },
    of('b/newer.jpg', '1'),
    of('b/gone.jpg', '1'),
    of('b/mine.jpg', ''),
    of('b/mine.jpg', '1', containers.renditions),
    { id: 'row only', batchId: 'b', imageUrl: 'u' },
  ]);
  const look = { signal: new AbortController().signal };
  expect(await place.count(target, look)).toEqual({ [`blob:${containers.input}`]: 1 });
  await place.erase(target, look);
  expect(calls).toEqual([
    [containers.input, 'b/mine.jpg', '1'],
    [containers.input, 'b/mine.jpg', '1'],
    [containers.input, 'b/newer.jpg', '1'],
    [containers.input, 'b/gone.jpg', '1'],
  ]);
});
