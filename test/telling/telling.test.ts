import { expect, test } from 'vitest';
import { silentLog } from '../../src/domain/ports.ts';
import { Telling } from '../../src/telling/telling.ts';
import { searchAgain } from '../../src/vision/search-again.ts';

const { signal } = new AbortController();

/** A telling whose outbox notes each look at it. */
function telling(kind: 'webhook' | undefined, fails?: Error) {
  const looks: number[] = [];
  let opened = 0;
  let gate = Promise.withResolvers<void>();
  gate.resolve();
  const it = new Telling({
    open: async () => {
      opened += 1;
      return kind && ({ kind, send: async () => {} } as never);
    },
    outbox: async () => {
      looks.push(looks.length);
      await gate.promise;
      if (fails) throw fails;
      return { due: async () => [] } as never;
    },
    isBarred: async () => false,
    random: () => 0,
  });
  const hold = () => {
    gate = Promise.withResolvers();
    return () => gate.resolve();
  };
  return { it, looks, hold, opened: () => opened };
}

test('where nobody is told, nothing is looked for; the receiver is opened once', async () => {
  const none = telling(undefined);
  expect(await none.it.kind()).toBeUndefined();
  expect(await none.it.deliver(silentLog, signal)).toBeUndefined();
  expect(none.looks).toEqual([]);
  const some = telling('webhook');
  expect([await some.it.kind(), await some.it.kind()]).toEqual(['webhook', 'webhook']);
  expect(await some.it.deliver(silentLog, signal)).toEqual({ delivered: 0, failed: 0, dead: 0, withheld: 0 });
  expect([some.opened(), some.looks.length]).toEqual([1, 1]);
});

test('many nudges at once are one look, and one that comes during a look is another after it', async () => {
  const { it, looks, hold } = telling('webhook');
  const letGo = hold();
  for (let n = 0; n < 5; n += 1) it.nudge(silentLog, signal);
  await expect.poll(() => looks.length).toBe(1);
  it.nudge(silentLog, signal);
  it.nudge(silentLog, signal);
  letGo();
  await it.settled();
  expect(looks).toHaveLength(2);
});

test('what a nudge fails at is left to the timer, and the next nudge goes on', async () => {
  const { it, looks } = telling('webhook', Object.assign(new Error('away'), { code: 'X' }));
  const warned: unknown[] = [];
  const log = { ...silentLog, warn: (...given: unknown[]) => warned.push(given) };
  it.nudge(log, signal);
  await it.settled();
  it.nudge(log, signal);
  await it.settled();
  expect(looks).toHaveLength(2);
  expect(warned).toEqual(Array(2).fill(['telling.later', { code: 'X' }]));
});

test('a face is searched for again by a new faceprint of the face that stands there, and by none where none does', async () => {
  const rectangle = { left: 100, top: 100, width: 50, height: 50 };
  const asked: unknown[] = [];
  const detected = [
    { faceRectangle: { ...rectangle, left: 500 }, faceId: 'other' },
    { faceRectangle: { ...rectangle, left: 102 }, faceId: 'this' },
  ];
  const run = (found: object[]) =>
    searchAgain(
      {
        face: {
          detect: async (_: Buffer, options: object) => {
            asked.push(options);
            return found;
          },
        },
        gallery: { find: async (faceId: string) => [faceId] },
      } as never,
      Buffer.from('x'),
      rectangle,
      {} as never,
      signal,
    );
  expect(await run(detected)).toEqual(['this']);
  expect(asked).toEqual([{ faceId: true, faceIdSeconds: 60 }]);
  expect(await run(detected.slice(0, 1))).toBeUndefined();
  expect(await run([{ faceRectangle: rectangle }]), 'no faceprint is given out').toBeUndefined();
  expect(await run([])).toBeUndefined();
});
