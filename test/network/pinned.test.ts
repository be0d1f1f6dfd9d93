import type { LookupAddress } from 'node:dns';
import { expect, test } from 'vitest';
import { type Checked, pinned, resolveOnce } from '../../src/network/pinned.ts';

const address = (of: string, family = 4) => ({ address: of, family });
const { signal } = new AbortController();

test('a host is connected to by its addresses only where each of them is allowed', async () => {
  const asked: string[] = [];
  const resolved = (...all: string[]) =>
    resolveOnce(
      'host.example',
      (one) => one.startsWith('1.'),
      signal,
      async (host) => {
        asked.push(host);
        return all.map((one) => address(one));
      },
    );
  expect(await resolved('1.1.1.1')).toEqual([address('1.1.1.1')]);
  expect(await resolved('1.1.1.1', '1.1.1.2')).toEqual([address('1.1.1.1'), address('1.1.1.2')]);
  for (const all of [['10.0.0.1'], ['1.1.1.1', '10.0.0.1'], ['10.0.0.1', '1.1.1.1']])
    expect(await resolved(...all)).toBeUndefined();
  await expect(resolved()).rejects.toMatchObject({ code: 'ENOTFOUND', message: 'The host has no address.' });
  expect(new Set(asked)).toEqual(new Set(['host.example']));
  await expect(
    resolveOnce(
      'host.example',
      () => true,
      signal,
      () => Promise.reject(new Error('no resolver')),
    ),
  ).rejects.toThrow('no resolver');
});

test('the system’s resolver is asked for all addresses where no other is given', async () => {
  const found = await resolveOnce('localhost', () => true, signal);
  expect(found?.map((one) => one.address)).toEqual(expect.arrayContaining(['127.0.0.1']));
});

test('a resolver that does not answer is waited for no longer than the signal, and nobody listens to that afterwards', async () => {
  const stop = new AbortController();
  let listening = 0;
  const { addEventListener, removeEventListener } = stop.signal;
  stop.signal.addEventListener = (...given: Parameters<typeof addEventListener>) => {
    listening += 1;
    addEventListener.apply(stop.signal, given);
  };
  stop.signal.removeEventListener = (...given: Parameters<typeof removeEventListener>) => {
    listening -= 1;
    removeEventListener.apply(stop.signal, given);
  };
  await resolveOnce(
    'host.example',
    () => true,
    stop.signal,
    async () => [address('1.1.1.1')],
  );
  await new Promise(setImmediate);
  expect(listening).toBe(0);
  const late = Promise.withResolvers<never>();
  const waiting = resolveOnce(
    'host.example',
    () => true,
    stop.signal,
    () => late.promise,
  );
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  const again = resolveOnce(
    'host.example',
    () => true,
    stop.signal,
    () => late.promise,
  );
  await expect(again, 'aborted before').rejects.toThrow('enough');
});

test('a socket is given what was checked, one or all of it, whatever it asks for', () => {
  const checked: Checked = [address('1.1.1.1'), address('2606:4700::1111', 6)];
  const answers: unknown[] = [];
  const note = (error: Error | null, found: string | LookupAddress[], family?: number) =>
    void answers.push([error, found, family]);
  pinned(checked)('other.example', {}, note);
  pinned(checked)('other.example', { all: true }, note);
  expect(answers).toEqual([
    [null, '1.1.1.1', 4],
    [null, [...checked], undefined],
  ]);
});
