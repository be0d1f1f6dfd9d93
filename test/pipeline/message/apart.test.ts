import { expect, test } from 'vitest';
import { ContractError } from '../../../src/domain/errors.ts';
import { isLinkedContent } from '../../../src/domain/linked-content.ts';
import { ClaimCheck } from '../../../src/pipeline/message/claim-check.ts';
import { MESSAGE_BYTES } from '../../../src/pipeline/message/codec.ts';
import type { Message } from '../../../src/pipeline/message/message.ts';

/** What of a message is stored apart, over blobs in memory. */
function apart() {
  const blobs = new Map<string, Buffer>();
  const claims = new ClaimCheck({
    write: async (_: string, name: string, bytes: Buffer) => void blobs.set(name, bytes),
    read: async (_: string, name: string) => {
      const bytes = blobs.get(name);
      return name === 'odd' ? 'changed' : bytes && { bytes };
    },
  } as never);
  return { blobs, claims };
}
const message = (job_output: object, more: object = {}, definition: object = {}) =>
  ({
    job_definition: {
      id: 'j',
      batch_id: 'b',
      input: { image_url: 'u' },
      processing_pipeline: [],
      processing_step: 0,
      ...definition,
    },
    ...{ job_output, run: 0, seq: 0, deaths: 0 },
    ...more,
  }) as unknown as Message;
const many = (count: number, characters: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`s${n}`, 'x'.repeat(characters - 2)]));

test('a message has three quarters of what a queue holds', () => {
  expect(MESSAGE_BYTES).toBe(49_152);
});

test('what is smaller than the link to it stays: of 200 characters of JSON none is stored, of 201 as many as must be', async () => {
  const small = apart();
  await expect(small.claims.encode('j', message(many(340, 200)))).rejects.toMatchObject({
    code: 'MessageTooLarge',
  });
  expect(small.blobs.size).toBe(0);
  const larger = apart();
  const text = await larger.claims.encode('j', message(many(340, 201)));
  expect(text.length).toBeLessThanOrEqual(MESSAGE_BYTES);
  expect(larger.blobs.size).toBeGreaterThan(100);
});

test('one that is larger than it should be and fits all the same is sent', async () => {
  const { claims, blobs } = apart();
  const text = await claims.encode('j', message(many(240, 200)));
  expect(text.length).toBeGreaterThan(MESSAGE_BYTES);
  expect(blobs.size).toBe(0);
});

test('beside outputs the largest part goes first, wherever it stands; what says what the message is stays', async () => {
  const [small, large, largest] = ['a'.repeat(1000), 'b'.repeat(20_000), 'c'.repeat(40_000)];
  const stored = async (...[input, definition, whole]: [string, string, string]) => {
    const { claims } = apart();
    const sent = JSON.parse(
      await claims.encode(
        'j',
        message({}, { own: whole }, { note: definition, input: { image_url: 'u', note: input } }),
      ),
    );
    const { note, input: of } = sent.job_definition;
    return [of.note, note, sent.own].map((part) => isLinkedContent(part));
  };
  expect(await stored(largest, large, small)).toEqual([true, false, false]);
  expect(await stored(small, largest, large)).toEqual([false, true, false]);
  expect(await stored(large, small, largest)).toEqual([false, false, true]);
  for (const name of ['job_errors', 'rerun_steps'] as const) {
    const { claims } = apart();
    const text = await claims.encode('j', message({}, { [name]: 'x'.repeat(50_000) }));
    expect(JSON.parse(text)[name]).toHaveLength(50_000);
  }
});

test('what is stored already is not stored again, and is read from where it is', async () => {
  const { claims, blobs } = apart();
  const link = await claims.store('j', 'one', { n: 1 });
  expect(await claims.inlineOrStore('j', 'two', link)).toEqual(link);
  const sent = JSON.parse(await claims.encode('j', message({ one: link, two: 'x'.repeat(50_000) })));
  expect([sent.job_output.one, blobs.size]).toEqual([link, 2]);
  expect(await claims.resolve(link)).toEqual({ n: 1 });
  await expect(claims.resolve({ linked_content: 'odd' })).rejects.toBeInstanceOf(ContractError);
  for (const name of ['odd', 'gone'])
    await expect(claims.resolve({ linked_content: name })).rejects.toThrow(
      'is not in the container largemessages',
    );
  const away = new ClaimCheck({ read: () => Promise.reject(new Error('away')) } as never);
  await expect(away.resolveOr(link, 'instead')).rejects.toThrow('away');
});
