import { beforeEach, expect, test } from 'vitest';
import { dropLetter } from '../../src/admin/drop-letter.ts';
import { pauseStep, resumeStep } from '../../src/admin/pause.ts';
import { replay } from '../../src/admin/replay.ts';
import { type RerunRequest, rerun } from '../../src/admin/rerun.ts';
import type { AuditRequest } from '../../src/audit/entry.ts';
import { scene } from '../support/scene.ts';
import { openAdmin } from './support.ts';

const admin = await scene(openAdmin);
beforeEach(() => admin.reset());

/** The parts of the app, with an audit that notes what stood in a queue when it was told. */
function audited(queue: string) {
  const told: (AuditRequest & { sent: number })[] = [];
  const record = async (request: AuditRequest) => {
    told.push({ ...request, sent: await admin.depth(queue) });
    return undefined as never;
  };
  return { parts: { ...admin, audit: { record } }, told };
}

async function rerunAll(request: RerunRequest, queue: string) {
  const { parts, told } = audited(queue);
  for await (const _ of rerun(request, 'gus@desk', parts));
  return told;
}

test('a rerun is written down once, as it was asked for, before the first message is sent', async () => {
  const one = await admin.finished('audited');
  await admin.finished('audited');
  expect(await rerunAll({ step: 'apart', which: 'all', batch: 'audited' }, 'apart')).toMatchObject([
    { who: 'gus@desk', action: 'image.rerun', detail: { step: 'apart', which: 'all' }, sent: 0 },
  ]);
  expect(await admin.depth('apart')).toBe(2);
  await admin.drain();
  expect(await rerunAll({ which: 'all', image: one.id }, 'first')).toMatchObject([
    { about: [`image:${one.id}`], detail: { step: null, which: 'all' }, sent: 0 },
  ]);
});

test('a rerun of no such step, or of no such image, is nobody’s deed', async () => {
  await expect(rerunAll({ step: 'nosuch', which: 'all' }, 'first')).rejects.toThrow(
    /There is no step "nosuch"/,
  );
  expect(await rerunAll({ which: 'all', image: 'nobody' }, 'first')).toEqual([]);
});

test('a dead letter that is replayed or dropped is written down first; one that is refused is not', async () => {
  const error = { code: 'ContractError', message: 'why' };
  const event = JSON.stringify({ eventType: 'Microsoft.Storage.BlobDeleted', subject: '/x' });
  const [bad, good] = [
    await admin.deadLetters.record({ queue: 'first', error, message: '{}' }),
    await admin.deadLetters.record({ queue: 'inputimages-events', error, message: event }),
  ];
  const { parts, told } = audited('first');
  const refused = await admin.deadLetters.get({ queue: 'first', id: bad });
  const replayed = await admin.deadLetters.get({ queue: 'inputimages-events', id: good });
  if (!refused || !replayed) throw new Error('The letters are not there.');
  expect(await replay(refused, 'gus', parts)).toMatchObject({ refused: { code: 'ContractError' } });
  expect(told).toEqual([]);
  await replay(replayed, 'gus', parts);
  expect(await dropLetter(refused, 'gus', parts)).toBe(true);
  expect(told.map(({ action, who }) => [action, who])).toEqual([
    ['deadletter.replayed', 'gus'],
    ['deadletter.dropped', 'gus'],
  ]);
  expect(await admin.letters()).toEqual([]);
});

test('a pause and its end are written down first; one that changes nothing is not', async () => {
  const { parts, told } = audited('first');
  expect(await pauseStep('first', 'moves', 'ann', parts)).toBeUndefined();
  expect(await pauseStep('first', '', 'ben', parts)).toMatchObject({ by: 'ann', reason: 'moves' });
  expect(await resumeStep('first', 'ben', parts)).toMatchObject({ step: 'first', by: 'ann' });
  expect(await resumeStep('first', 'ben', parts)).toBeUndefined();
  expect(told).toMatchObject([
    { who: 'ann', action: 'step.paused', detail: { step: 'first' } },
    { who: 'ben', action: 'step.resumed', detail: { step: 'first' } },
  ]);
  const refusing = { ...admin, audit: { record: () => Promise.reject(new Error('away')) } };
  await expect(pauseStep('first', '', 'ann', refusing)).rejects.toThrow('away');
  expect(await admin.pauses.list()).toEqual([]);
});
