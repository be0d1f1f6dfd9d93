import { afterAll, beforeAll, expect, test } from 'vitest';
import { ContractError } from '../../../src/domain/errors.ts';
import { isLinkedContent } from '../../../src/domain/linked-content.ts';
import { readSettings } from '../../../src/domain/settings.ts';
import { ClaimCheck } from '../../../src/pipeline/message/claim-check.ts';
import { MESSAGE_BYTES } from '../../../src/pipeline/message/codec.ts';
import type { Message } from '../../../src/pipeline/message/message.ts';
import { openStorage, type StorageAccount } from '../../../src/storage/account.ts';
import { containers } from '../../../src/storage/names.ts';
import { QUEUE_MESSAGE_BYTES } from '../../../src/storage/queues.ts';
import { type Emulator, startEmulator } from '../../support/emulator.ts';

let emulator: Emulator;
let storage: StorageAccount;
let claims: ClaimCheck;

beforeAll(async () => {
  emulator = await startEmulator();
  storage = await openStorage(readSettings({ AzureWebJobsStorage: emulator.connectionString }));
  await storage.blobs.ensure([containers.largeMessages]);
  claims = new ClaimCheck(storage.blobs);
});
afterAll(() => emulator?.stop());

const message = (job_output: Record<string, unknown>, more: object = {}, input: object = {}) =>
  ({
    job_definition: {
      id: 'job',
      batch_id: 'batch',
      input: { image_url: 'https://images/a.jpg', ...input },
      processing_pipeline: ['ocr', 'pipelineoutput'],
      processing_step: 'ocr',
    },
    job_output,
    job_errors: [],
    ...more,
  }) as unknown as Message;

/** Names of what is kept for a job. */
async function kept(job: string): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of storage.blobs.list(containers.largeMessages, `${job}/`)) names.push(name);
  return names;
}
/** A text that makes the message exactly so many bytes long. */
const filling = (bytes: number) =>
  'x'.repeat(bytes - Buffer.byteLength(JSON.stringify(message({ big: '' }))));

test('a message that fits travels whole, up to the last byte that does, and keeps nothing apart', async () => {
  const fits = message({ big: filling(MESSAGE_BYTES) });
  expect(Buffer.byteLength(JSON.stringify(fits))).toBe(MESSAGE_BYTES);
  expect(JSON.parse(await claims.encode('fits', fits))).toEqual(fits);
  expect(await kept('fits')).toEqual([]);
});

test('a byte more, and its biggest output is kept apart; what came is left as it was', async () => {
  const big = filling(MESSAGE_BYTES - 300);
  const large = message({ small: 'y'.repeat(301), big });
  const before = structuredClone(large);
  const sent = JSON.parse(await claims.encode('large', large));
  expect(large).toEqual(before);
  expect(sent.job_output.small).toBe('y'.repeat(301));
  expect(isLinkedContent(sent.job_output.big)).toBe(true);
  expect(await kept('large')).toEqual([sent.job_output.big.linked_content]);
  expect(await claims.resolve(sent.job_output.big)).toBe(big);
});

test('outputs go before anything else, however large that is, and only then what is no structure', async () => {
  const parameters = { all: 'p'.repeat(MESSAGE_BYTES) };
  const sent = JSON.parse(await claims.encode('order', message({ o: 'o'.repeat(500) }, {}, { parameters })));
  expect(isLinkedContent(sent.job_output.o)).toBe(true);
  expect(isLinkedContent(sent.job_definition.input.parameters)).toBe(true);
  expect(sent.job_definition.input.image_url).toBe('https://images/a.jpg');
  expect(await claims.resolve(sent.job_definition.input.parameters)).toEqual(parameters);
});

test('of many outputs the largest go, no more than have to', async () => {
  const outputs = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [`s${index}`, 'z'.repeat(1000 + index * 100)]),
  );
  const sent = JSON.parse(await claims.encode('many', message(outputs)));
  const linked = Object.keys(outputs).filter((name) => isLinkedContent(sent.job_output[name]));
  expect(linked.length).toBeGreaterThan(0);
  expect(linked).toEqual(Object.keys(outputs).slice(-linked.length));
  const [first = ''] = linked;
  const oneLess = { ...sent, job_output: { ...sent.job_output, [first]: outputs[first] } };
  expect(Buffer.byteLength(JSON.stringify(oneLess))).toBeGreaterThan(MESSAGE_BYTES);
});

test('one whose structure alone is too large is refused with a sentence', async () => {
  const huge = message({}, { rerun_steps: Array.from({ length: 9000 }, (_, index) => `step-${index}`) });
  expect(Buffer.byteLength(JSON.stringify(huge))).toBeGreaterThan(QUEUE_MESSAGE_BYTES);
  await expect(claims.encode('huge', huge)).rejects.toMatchObject({ code: 'MessageTooLarge' });
});

test('a journal column holds 16,000 characters of JSON, and the link to what is longer', async () => {
  const text = (length: number) => 'j'.repeat(length - 2);
  expect(await claims.inlineOrStore('column', 'slot', text(16_000))).toBe(text(16_000));
  const link = await claims.inlineOrStore('column', 'slot', text(16_001));
  expect(link).toEqual({ linked_content: expect.stringMatching(/^column\/slot\.[0-9a-f]{20}\.json$/) });
});

test('the same content is kept once, another under another name, and a slot can have any name', async () => {
  const one = await claims.store('same', 'a/b ü', { n: 1 });
  expect(await claims.store('same', 'a/b ü', { n: 1 })).toEqual(one);
  const other = await claims.store('same', 'a/b ü', { n: 2 });
  expect(other).not.toEqual(one);
  expect((await kept('same')).sort()).toEqual([one.linked_content, other.linked_content].sort());
  expect([await claims.resolve(one), await claims.resolve(other)]).toEqual([{ n: 1 }, { n: 2 }]);
});

test('what is kept no more, or is no JSON, is said, or has something else in its place', async () => {
  const gone = { linked_content: 'nobody/slot.0.json' };
  await storage.blobs.write(containers.largeMessages, 'bad/slot.json', Buffer.from('{'), 'application/json');
  for (const link of [gone, { linked_content: 'bad/slot.json' }]) {
    await expect(claims.resolve(link)).rejects.toMatchObject({ code: 'LinkedContentMissing' });
    await expect(claims.resolve(link)).rejects.toThrow(ContractError);
    expect(await claims.resolveOr(link, 'instead')).toBe('instead');
  }
  expect(await claims.resolveOr({ plain: 1 }, 'instead')).toEqual({ plain: 1 });
});
