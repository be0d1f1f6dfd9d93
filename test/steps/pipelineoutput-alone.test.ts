import { expect, test } from 'vitest';
import { silentLog } from '../../src/domain/ports.ts';
import { keepFaceSuggestions } from '../../src/steps/face-suggestions.ts';
import { pipelineoutput } from '../../src/steps/pipelineoutput.ts';

/** What stands in a row, by what is said of its batch and of the others: over a store that notes what it is given. */
const rectangle = { left: 1, top: 2, width: 3, height: 4 };
const match = (other: string, batch: string | undefined) => ({
  ...{ id: other, batch_id: batch, image_url: `u/${other}`, face_rectangle: rectangle },
  ...{ other_face_key: `${other}-1`, face_key: 'j-1', confidence: 0.9 },
});
type Terms = Record<string, boolean>;

async function written(
  batchId: string,
  matches: object[],
  {
    terms = [{}] as Terms[],
    /** From the look with this number on, counted from 0, the second terms hold. */
    lastLook = Number.POSITIVE_INFINITY,
    rejected = [] as [string, string][],
    settles = async () => {},
  } = {},
) {
  const calls: string[] = [];
  const saved: {
    faces: { enrolled: boolean }[];
    matches: { otherImage: string }[];
    jobOutput: object;
    consent?: object;
  }[] = [];
  const asked: unknown[] = [];
  let looks = 0;
  const now = () => terms[looks >= lastLook ? 1 : 0] ?? {};
  // What the process has read of each batch; of none, nothing was said when it last asked.
  const known = new Map<string, boolean | undefined>();
  const outputs = {
    facedetection: { faces: [{ faceKey: 'j-1', faceRectangle: rectangle }] },
    facematch: { matches, faces: [{ faceKey: 'j-1', enrolled: true }] },
  };
  const step = pipelineoutput({
    results: async () => ({
      decisions: {
        rejectedAmong: async (pairs: unknown) => {
          asked.push(pairs);
          return rejected;
        },
      },
      save: async (row: never) => {
        calls.push('save');
        saved.push(row);
        return 'saved';
      },
    }),
    people: async () => ({
      settle: async (ids: string[]) => {
        calls.push(`settle ${ids}`);
        await settles();
      },
    }),
    telling: { nudge: () => calls.push('nudge') },
    batches: {
      recent: async (batch: string) => {
        const said = known.has(batch) ? known.get(batch) : terms[0]?.[batch];
        return said === undefined ? undefined : { consent: { doNotMatch: said } };
      },
      get: async (batch: string) => {
        const said = now()[batch];
        looks += 1;
        known.set(batch, said);
        return said === undefined ? undefined : { consent: { doNotMatch: said } };
      },
    },
    keepSuggestions: (all: Record<string, unknown>, keep: never) => {
      const kept = keepFaceSuggestions(all.facematch, keep);
      return kept === all.facematch ? all : { ...all, facematch: kept };
    },
    clock: () => 0,
  } as never);
  const result = await step.run({
    job: { id: 'j', batchId, run: 0, pipeline: [], parameters: undefined },
    record: {
      imageUrl: 'u',
      admittedAt: '',
      image: undefined,
      end: undefined,
      steps: {},
      outputs: async () => outputs,
    },
    ...{ log: silentLog, signal: new AbortController().signal },
  } as never);
  const last = saved.at(-1);
  if (!last) throw new Error('No row was written.');
  const suggested = (last.jobOutput as { facematch: { matches: { id: string }[] } }).facematch.matches;
  return {
    ...{
      result,
      calls,
      asked,
      looks,
      saves: saved.length,
      consent: last.consent,
      enrolled: last.faces[0]?.enrolled,
    },
    kept: last.matches.map(({ otherImage }) => otherImage),
    suggested: suggested.map(({ id }) => id),
  };
}
const three = [match('a', 'open'), match('b', 'closed'), match('c', 'silent')];

test('all that was found is kept and suggested where nobody forbids it, and the row written once', async () => {
  const row = await written('mine', three);
  expect(row).toMatchObject({ kept: ['a', 'b', 'c'], suggested: ['a', 'b', 'c'], enrolled: true, saves: 1 });
  expect(row.calls).toEqual(['save', 'settle j', 'nudge']);
  expect(row.result).toEqual({ saved: 'saved' });
  expect(row.asked).toEqual([
    [
      ['j-1', 'a-1'],
      ['j-1', 'b-1'],
      ['j-1', 'c-1'],
    ],
  ]);
});

test('of a batch that may not be matched nothing is kept; of its own neither, and no face counts as enrolled', async () => {
  const others = await written('mine', three, { terms: [{ open: false, closed: true }] });
  expect(others).toMatchObject({
    kept: ['a', 'c'],
    suggested: ['a', 'c'],
    enrolled: true,
    consent: undefined,
  });
  const own = await written('mine', three, { terms: [{ mine: true }] });
  expect(own).toMatchObject({ kept: [], suggested: [], enrolled: false, consent: { doNotMatch: true } });
  const said = await written('mine', three, { terms: [{ mine: false }] });
  expect(said).toMatchObject({ kept: ['a', 'b', 'c'], enrolled: true, consent: { doNotMatch: false } });
});

test('what is said while the row is written has it written again', async () => {
  const row = await written('mine', three, { terms: [{}, { closed: true }], lastLook: 4 });
  expect(row).toMatchObject({ saves: 2, kept: ['a', 'c'], suggested: ['a', 'c'] });
  expect(row.calls).toEqual(['save', 'save', 'settle j', 'nudge']);
  // Of the image's own batch, which is looked at last.
  const own = await written('mine', three, { terms: [{}, { mine: true }], lastLook: 7 });
  expect(own).toMatchObject({ saves: 2, kept: [], enrolled: false });
  const nothing = await written('mine', [], { terms: [{}, { mine: true }], lastLook: 0 });
  expect(nothing, 'a row without a match says nothing of anybody').toMatchObject({ saves: 2 });
});

test('what was said a moment ago, and this process has not read, stands in no row that suggests matches', async () => {
  const others = await written('mine', three, { terms: [{}, { closed: true }], lastLook: 0 });
  expect(others).toMatchObject({ saves: 1, kept: ['a', 'c'], suggested: ['a', 'c'] });
  const own = await written('mine', three, { terms: [{}, { mine: true }], lastLook: 0 });
  expect(own).toMatchObject({ saves: 1, kept: [], suggested: [], enrolled: false });
});

test('a batch is asked of once at each look, the image’s own among them', async () => {
  expect((await written('open', three)).looks).toBe(6);
  expect((await written('open', [])).looks).toBe(1);
});

test('what somebody rejected is kept as rejected and suggested to nobody; photographs of enquiries are neither', async () => {
  const rejected = await written('mine', three, { rejected: [['a-1', 'j-1']] });
  expect(rejected).toMatchObject({ kept: ['a', 'b', 'c'], suggested: ['b', 'c'] });
  const enquiries = [match('a', 'open'), match('b', '_enquiry/x')];
  expect(await written('mine', enquiries)).toMatchObject({ kept: ['a', 'b'], suggested: ['a'] });
  expect(await written('_enquiry/y', [match('a', 'open')])).toMatchObject({ kept: ['a'], suggested: [] });
});

test('a suggestion that does not say of which batch it is stands', async () => {
  expect((await written('mine', [match('c', undefined)], { terms: [{ closed: true }] })).suggested).toEqual([
    'c',
  ]);
});

test('that groups cannot be made now holds up nobody', async () => {
  const row = await written('mine', three, { settles: () => Promise.reject(new Error('away')) });
  expect(row.calls).toEqual(['save', 'settle j', 'nudge']);
});
