import { expect } from 'vitest';
import { applyConsent } from '../../src/admin/apply-consent.ts';
import { silentLog } from '../../src/domain/ports.ts';
import { OUTPUT_STEP } from '../../src/domain/step-name.ts';
import { Eraser } from '../../src/erasure/eraser.ts';
import { openApi, photograph } from '../support/api.ts';
import type { Call } from '../support/recorder.ts';
import type { Way } from './table.ts';

const { signal } = new AbortController();
const face = (person: number) => ({
  faces: [{ person, box: { left: 40, top: 40, width: 200, height: 200 } }],
});

/** The whole app over emulator, engine and database, and the ways of what is enrolled, hidden and erased. */
export async function openAppWays() {
  const api = await openApi({ FACE_FRESH_LIMIT: '2' }, { recorded: true });
  const { app, recorder } = api;
  if (!recorder) throw new Error('The app is not recorded.');
  const results = await app.results();
  recorder.watch(results, 'results', ['save', 'applyConsent']);
  recorder.watch(results.erasures, 'results.erasures', ['entomb', 'remove']);
  let photographs = 0;

  /** A photograph of a person, worked on up to the step that is given, whose message is still to be delivered. */
  async function upTo(step: string, person: number, batch = `people-${photographs}`) {
    photographs += 1;
    const bytes = await photograph(face(person), photographs);
    const { json } = await api.upload(`/api/uploads?batch=${batch}`, [{ name: 'a.jpg', bytes }]);
    await api.drain(step);
    return { id: String(json.files[0].id), batch };
  }
  const done = (person: number, batch?: string) => upTo('nothing', person, batch);
  const deliver = (step: string) => recorder.during(() => api.deliverOne(step));
  const eraser = (settleMs = 0) =>
    new Eraser({ app, log: silentLog, settleMs, record: async () => recorder.note('audit') });

  const ways = {
    'a face is enrolled and looked for': async () => {
      await upTo('facematch', 1);
      return deliver('facematch');
    },
    'an output that mentions another image is recorded': async () => {
      await done(6);
      await upTo('facematch', 6);
      return deliver('facematch');
    },
    'the row of matches is written': async () => {
      await done(2);
      await upTo(OUTPUT_STEP, 2);
      return deliver(OUTPUT_STEP);
    },
    'fresh faces move on': async () => {
      for (const person of [11, 12, 13]) await done(person);
      return recorder.during(() => app.gallery().maintain(imageOf, signal));
    },
    'fresh faces that have moved on are retired': async () =>
      recorder.during(() =>
        // The copy's list is in training for a second of the engine's time, however fast the rounds are.
        expect
          .poll(async () => (await app.gallery().maintain(imageOf, signal)).retired, { timeout: 30_000 })
          .toBeGreaterThan(0),
      ),
    'an image is erased': async () => {
      const { id } = await done(3);
      return recorder.during(() => eraser().erase({ kind: 'image', image: id }, 'tester', signal));
    },
    'an erasure becomes final': async () => {
      const { id } = await done(4);
      const receipt = await eraser().erase({ kind: 'image', image: id }, 'tester', signal);
      return recorder.during(() => eraser().proceed(receipt?.id ?? '', signal));
    },
    'matching is forbidden for a batch': async () => {
      const { batch } = await done(5);
      return recorder.during(async () => {
        const setting = await app.batches.change(batch, { doNotMatch: true }, 'tester');
        await applyConsent(setting, app, signal);
      });
    },
  } satisfies Partial<Record<Way, () => Promise<Call[]>>>;

  const imageOf = ({ jobId, batchId }: { jobId: string; batchId: string }) =>
    app.imageOf(batchId, jobId, signal);
  return { api, app, recorder, ways, close: () => api.stop() };
}
