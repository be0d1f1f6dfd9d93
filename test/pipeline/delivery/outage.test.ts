import { describe, expect, test } from 'vitest';
import { ContractError, OutageError, PermanentError, RateLimitedError } from '../../../src/domain/errors.ts';
import { silentLog } from '../../../src/domain/ports.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { HostAwayError } from '../../../src/pipeline/admission/host-away.ts';
import { asOutage, putBackOnOutage, putBackUntilHostIsBack } from '../../../src/pipeline/delivery/outage.ts';
import { ClaimCheck } from '../../../src/pipeline/message/claim-check.ts';
import { parseMessage } from '../../../src/pipeline/message/message.ts';
import { openStorage } from '../../../src/storage/account.ts';

const settings = readSettings({
  RETRY_BASE_SECONDS: '5',
  RETRY_MAX_SECONDS: '300',
  AzureWebJobsStorage: 'UseDevelopmentStorage=true',
});
const now = Date.parse('2026-01-01T01:00:00.000Z');
const storageError = (name: string, more: object = {}) =>
  Object.assign(new Error('for the test'), { name, ...more });

/** The queue service, which is asked for one thing only. */
async function queue() {
  const sent: { queue: string; text: string; delayMs: number | undefined }[] = [];
  const storage = await openStorage(settings);
  storage.queues.send = async (to, text, delayMs) => {
    sent.push({ queue: to, text, delayMs });
  };
  const claimCheck = new ClaimCheck(storage.blobs);
  return { sent, deps: { storage, settings, clock: () => now, random: () => 0, claimCheck } };
}

describe('what a storage call inside a step met', () => {
  test('is an outage where the service is away or asks for fewer calls', () => {
    for (const statusCode of [408, 429, 500, 503])
      expect(asOutage(storageError('RestError', { statusCode }))).toMatchObject({
        name: 'OutageError',
        code: 'StorageUnavailable',
        cause: { statusCode },
      });
    expect(asOutage(storageError('RestError', { code: 'ECONNREFUSED' }))).toBeInstanceOf(OutageError);
  });

  test('is left as it is where it is none, says itself what it is, or may be the step taking its time', () => {
    for (const error of [
      storageError('RestError', { statusCode: 404 }),
      storageError('TimeoutError'),
      new Error('unforeseen'),
      new PermanentError('BadImage' as never, 'Bad.'),
      'text',
    ])
      expect(asOutage(error)).toBe(error);
  });

  test('while the host stops is the stopping, whatever it was, but for what the step itself has said', () => {
    const stopping = AbortSignal.abort();
    const error = new Error('unforeseen');
    expect(asOutage(error, stopping)).toMatchObject({ code: 'HostStopping', cause: error });
    expect(asOutage(storageError('TimeoutError'), stopping)).toMatchObject({ code: 'HostStopping' });
    const said = new PermanentError('BadImage' as never, 'Bad.');
    expect(asOutage(said, stopping)).toBe(said);
    expect(asOutage(error, new AbortController().signal)).toBe(error);
  });
});

describe('a message whose outage no row can take down', () => {
  test.each([
    [new OutageError('Away.'), 20_000],
    [new RateLimitedError('Slow down.', 90_000), 90_000],
    [storageError('RestError', { statusCode: 503 }), 20_000],
  ])('is put back as it is: %s', async (error, delayMs) => {
    const { sent, deps } = await queue();
    expect(await putBackOnOutage(deps, 'ocr', 'text', error, silentLog)).toBe(true);
    expect(sent).toEqual([{ queue: 'ocr', text: 'text', delayMs }]);
  });

  test.each([
    new ContractError('Bad.'),
    new Error('unforeseen'),
    storageError('RestError', { statusCode: 404 }),
  ])('is not where it met something else: %s', async (error) => {
    const { sent, deps } = await queue();
    expect(await putBackOnOutage(deps, 'ocr', 'text', error, silentLog)).toBe(false);
    expect(sent).toEqual([]);
  });

  test('stays with the host where the queue service is away, too', async () => {
    const { deps } = await queue();
    deps.storage.queues.send = () => Promise.reject(new Error('away'));
    await expect(putBackOnOutage(deps, 'ocr', 'x', new OutageError('Away.'), silentLog)).rejects.toThrow(
      'away',
    );
  });
});

describe('a message whose image is at a host that is away', () => {
  const put = async (away_since?: string) => {
    const { sent, deps } = await queue();
    const message = parseMessage({
      job_definition: { id: 'j', input: { image_url: 'https://a.example/1.jpg' } },
      ...(away_since !== undefined && { away_since }),
      seq: 3,
    });
    const error = new HostAwayError(new OutageError('Away.'));
    await putBackUntilHostIsBack(deps, 'ocr', message, error, silentLog);
    return sent.map(({ queue: to, text, delayMs }) => ({ to, delayMs, ...JSON.parse(text) }));
  };

  test('says since when: now at first, and what it said from then on', async () => {
    expect(await put()).toMatchObject([
      { to: 'ocr', delayMs: 5000, away_since: '2026-01-01T01:00:00.000Z', seq: 3 },
    ]);
    const since = '2026-01-01T00:56:00.000Z';
    expect(await put(since), 'half of how long it has lasted').toMatchObject([
      { to: 'ocr', delayMs: 120_000, away_since: since },
    ]);
  });
});
