import { describe, expect, test, vi } from 'vitest';
import { OutageError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import { openStorage } from '../../src/storage/account.ts';
import { isGenuine, notGenuine, onlyGenuine } from '../../src/storage/genuine.ts';
import { limited } from '../../src/storage/limit.ts';
import {
  hasCode,
  isContainerMissing,
  isStorageOutage,
  orUndefined,
  statusOf,
} from '../../src/storage/status.ts';
import { failure, response } from './sdk.ts';

describe('a storage error', () => {
  test('has the status that the service answered, and none where something else did', () => {
    for (const status of [400, 404, 409, 412, 429, 500, 503]) expect(statusOf(failure(status))).toBe(status);
    expect(statusOf(failure(404, {}, false))).toBe(0);
    expect(statusOf(failure(499, {}, false))).toBe(0);
    for (const status of [429, 500, 503]) expect(statusOf(failure(status, {}, false))).toBe(status);
    expect(statusOf({ statusCode: 404 }), 'without its response').toBe(404);
    expect(statusOf({ statusCode: 404, response: { status: 404 } })).toBe(404);
    for (const none of [undefined, null, 'text', new Error('x'), { statusCode: '404' }])
      expect(statusOf(none)).toBe(0);
  });

  test('that says "not found" is an answer; any other is thrown', async () => {
    expect(await orUndefined(Promise.resolve(7))).toBe(7);
    expect(await orUndefined(Promise.reject(failure(404)))).toBeUndefined();
    for (const error of [failure(403), failure(404, {}, false)])
      await expect(orUndefined(Promise.reject(error))).rejects.toBe(error);
  });

  test('has its code in one of two places; only a container that is missing is one', () => {
    const [code, details] = [{ code: 'ContainerNotFound' }, { details: { errorCode: 'ContainerNotFound' } }];
    for (const error of [code, details]) {
      expect(hasCode(error, 'ContainerNotFound')).toBe(true);
      expect(hasCode(error, 'BlobNotFound')).toBe(false);
      expect(isContainerMissing(failure(404, error))).toBe(true);
      expect(isContainerMissing(failure(409, error))).toBe(false);
    }
    expect(isContainerMissing(failure(404, { code: 'BlobNotFound' }))).toBe(false);
    for (const none of [undefined, null, {}, { details: {} }]) expect(hasCode(none, 'X')).toBe(false);
  });

  test('means an outage where time cures it', () => {
    const named = (name: string) => Object.assign(new Error(name), { name });
    const coded = (code: unknown, more = {}) => Object.assign(new Error('x'), { code, ...more });
    const outages = [
      ...[408, 429, 500, 503, 599].map((status) => failure(status)),
      ...['TimeoutError', 'AbortError'].map(named),
      failure(404, {}, false),
      failure(200, {}, false),
      ...['REQUEST_SEND_ERROR', 'ECONNRESET', 'UND_ERR_SOCKET'].map((code) => coded(code)),
    ];
    for (const error of outages) expect(isStorageOutage(error), String(error)).toBe(true);
    const others = [
      ...[400, 403, 404, 409, 412, 428, 499].map((status) => failure(status)),
      named('RestError'),
      new Error('x'),
      ...['EACCES', 'XECONNRESET', 7, undefined].map((code) => coded(code)),
      coded('ECONNRESET', { statusCode: 404, response: response(404) }),
      // What only looks like an error of ours.
      { statusCode: 503, name: 'TimeoutError' },
      'ECONNRESET',
      undefined,
    ];
    for (const error of others) expect(isStorageOutage(error), String(error)).toBe(false);
  });

  test('is none of the service where its request is not named: only then, and below an outage, it is kept from the SDK', async () => {
    expect(isGenuine(response(200))).toBe(true);
    expect(isGenuine(response(200, false))).toBe(false);
    const asked = (status: number, isService: boolean) =>
      onlyGenuine({ sendRequest: async () => response(status, isService) as never })
        .sendRequest({} as never)
        .then(({ status: passed }) => passed, String);
    for (const status of [200, 404, 407, 409, 499]) {
      expect(await asked(status, true)).toBe(status);
      expect(await asked(status, false)).toBe(String(notGenuine()));
    }
    for (const status of [408, 429, 500, 503]) expect(await asked(status, false)).toBe(status);
    expect(notGenuine()).toBeInstanceOf(OutageError);
    expect(notGenuine().code).toBe('StorageUnexpectedAnswer');
  });
});

describe('every call', () => {
  test('ends after half a minute, or with its caller', () => {
    const timeout = vi.spyOn(AbortSignal, 'timeout');
    try {
      const caller = new AbortController();
      const [alone, both] = [limited().abortSignal, limited(caller.signal).abortSignal];
      expect(timeout.mock.calls).toEqual([[30_000], [30_000]]);
      caller.abort(new Error('enough'));
      expect([alone.aborted, both.aborted]).toEqual([false, true]);
    } finally {
      timeout.mockRestore();
    }
    const over = AbortSignal.abort();
    const spy = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(over);
    try {
      expect(
        [limited().abortSignal, limited(new AbortController().signal).abortSignal].map((s) => s.aborted),
      ).toEqual([true, true]);
    } finally {
      spy.mockRestore();
    }
  });
});

describe('an account', () => {
  const identity = async () => ({ getToken: async () => null });
  test('is opened by its name, or by the addresses that are given', async () => {
    const urlOf = async (env: Record<string, string>) =>
      (await openStorage(readSettings(env), identity as never)).blobs.url('c', 'n');
    const name = { AzureWebJobsStorage__accountName: 'photos' };
    expect(await urlOf(name)).toBe('https://photos.blob.core.windows.net/c/n');
    const addresses = Object.fromEntries(
      ['blob', 'queue', 'table'].map((service) => [
        `AzureWebJobsStorage__${service}ServiceUri`,
        `https://${service}.example`,
      ]),
    );
    expect(await urlOf({ ...name, ...addresses })).toBe('https://blob.example/c/n');
    expect(await urlOf(addresses)).toBe('https://blob.example/c/n');
    await expect(openStorage(readSettings({}), identity as never)).rejects.toThrow(/No storage account/);
    await expect(
      openStorage(readSettings({ AzureWebJobsStorage: 'secret' }), identity as never),
    ).rejects.toThrow(/^App setting AzureWebJobsStorage: is not a connection string/);
  });
});
