import { expect, test } from 'vitest';
import { makeCalibration } from '../../src/admin/calibrate.ts';
import { changeBatch } from '../../src/admin/change-batch.ts';
import { drawPairs } from '../../src/admin/draw-pairs.ts';
import { agreeToBeMeasured, setKnownPairRate } from '../../src/admin/measure-reviewers.ts';
import { resumeStep } from '../../src/admin/pause.ts';
import { goOnWithSwitch, MODEL_ACTS, startSwitch } from '../../src/admin/switch-model.ts';
import type { AuditRequest } from '../../src/audit/entry.ts';

/**
 * Parts of which nothing may be asked but what is listed: whatever else is called is noted, and nothing comes of it.
 *
 * @param answers to what only reads
 */
function parts(
  audit: { record(request: AuditRequest): Promise<unknown> },
  answers: Record<string, unknown> = {},
) {
  const called: string[] = [];
  const part = (path: string): unknown =>
    new Proxy(() => undefined, {
      get: (_, name) =>
        name === 'then' ? undefined : part(path === '' ? String(name) : `${path}.${String(name)}`),
      apply: async () => {
        if (path in answers) return answers[path];
        called.push(path);
        return undefined;
      },
    });
  const deps = new Proxy({} as Record<string, unknown>, {
    get: (_, name) =>
      name === 'audit' ? audit : String(name) in answers ? answers[String(name)] : part(String(name)),
  });
  return { deps: deps as never, called };
}

const { signal } = new AbortController();
const offered = [{ id: 'later' }];
const speaker = { name: 'ann' };

const ACTS: Record<string, [(deps: never) => Promise<unknown>, string, Record<string, unknown>?]> = {
  'a calibration': [(deps) => makeCalibration('ann', deps, 1), 'calibration.made'],
  'terms of a batch': [
    (deps) => changeBatch('b', { doNotMatch: true }, 'ann', deps, signal),
    'batch.changed',
  ],
  'pairs that are drawn': [
    (deps) => drawPairs({ faces: 1, perStratum: 1, seed: 1 }, 'ann', deps, signal),
    'calibration.drawn',
    { threshold: 0.5 },
  ],
  'how many known pairs are mixed in': [(deps) => setKnownPairRate('ann', 10, deps), 'reviewers.rate.set'],
  'whoever agrees to be measured': [(deps) => agreeToBeMeasured(speaker, true, deps), 'reviewer.agreed'],
  'whoever does so no longer': [(deps) => agreeToBeMeasured(speaker, false, deps), 'reviewer.withdrew'],
  'the end of a pause': [
    (deps) => resumeStep('ocr', 'ann', deps),
    'step.resumed',
    { 'pauses.list': [{ step: 'ocr' }] },
  ],
  'the exchange of a model': [
    (deps) => startSwitch('ann', 'later', deps),
    'model.switch.started',
    { offered },
  ],
  ...Object.fromEntries(
    MODEL_ACTS.map((act) => [
      `to ${act} it`,
      [
        (deps: never) => goOnWithSwitch('ann', act, deps),
        { pause: 'paused', resume: 'resumed', finish: 'finished', abandon: 'abandoned' }[act].replace(
          /^/,
          'model.switch.',
        ),
        { 'models.state': { next: 'later' } },
      ],
    ]),
  ),
};

test.each(Object.entries(ACTS))(
  'where nobody can be told who did it, nothing is done: %s',
  async (_, [act, action, answers]) => {
    const asked: string[] = [];
    const refusing = {
      record: async (request: AuditRequest) => {
        asked.push(request.action);
        throw new Error('The audit is away.');
      },
    };
    const { deps, called } = parts(refusing, answers);
    await expect(act(deps)).rejects.toThrow('The audit is away.');
    expect(asked).toEqual([action]);
    expect(called).toEqual([]);
  },
);

test('an exchange of the model is told of once it is written down, begun, and no earlier', async () => {
  const order: string[] = [];
  const note = (what: string) => async () => void order.push(what);
  const models = {
    start: note('start'),
    pause: async (isPaused: boolean) => void order.push(`paused ${isPaused}`),
    finish: note('finish'),
    abandon: note('abandon'),
    state: async () => ({ phase: 'none', next: 'later' }),
  };
  const deps = {
    ...{ models, offered, tell: note('tell'), list: { progress: async () => ({}) } },
    audit: { record: async ({ action }: AuditRequest) => void order.push(action) },
  } as never;
  await startSwitch('ann', 'later', deps);
  for (const act of MODEL_ACTS) await goOnWithSwitch('ann', act, deps);
  expect(order).toEqual([
    ...['model.switch.started', 'start', 'tell'],
    ...['model.switch.paused', 'paused true', 'tell'],
    ...['model.switch.resumed', 'paused false', 'tell'],
    ...['model.switch.finished', 'finish', 'tell'],
    ...['model.switch.abandoned', 'abandon', 'tell'],
  ]);
  await expect(startSwitch('ann', 'nosuch', deps)).rejects.toThrow('There are: later.');
  expect(order).toHaveLength(15);
});
