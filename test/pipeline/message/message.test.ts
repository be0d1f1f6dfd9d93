import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../src/domain/errors.ts';
import { batchOf } from '../../../src/domain/job-id.ts';
import { decodeQueueMessage, toSafeJson } from '../../../src/pipeline/message/codec.ts';
import { imageParameters, parseMessage } from '../../../src/pipeline/message/message.ts';

const minimal = { job_definition: { id: 'a', input: { image_url: 'https://x/y.jpg' } } };

describe('codec', () => {
  test('any JSON value survives plain and base64 alike', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (value) => {
        const text = toSafeJson(value);
        const same = JSON.parse(JSON.stringify(value));
        expect(decodeQueueMessage(text)).toEqual(same);
        expect(decodeQueueMessage(Buffer.from(text).toString('base64'))).toEqual(same);
        // The library parses plain JSON before we see it.
        expect(decodeQueueMessage(JSON.parse(text))).toEqual(same);
      }),
    );
  });

  test('what is sent holds only characters that XML can carry', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        // Source: XML 1.0, production 2 (Char); the C1 controls are discouraged there and escaped by us.
        expect(toSafeJson({ text })).toMatch(
          /^[\t\n\r\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u,
        );
        expect(JSON.parse(toSafeJson({ text })).text).toBe(text);
      }),
    );
  });

  test('text that is neither JSON nor base64 of JSON is a contract error that says so', () => {
    for (const text of ['', 'hello', '{"a":', 'aGVsbG8=', '\u0000']) {
      expect(() => decodeQueueMessage(text), JSON.stringify(text)).toThrow(ContractError);
    }
  });
});

describe('contract', () => {
  test('a 2017 message without batch, parameters or pipeline gets the defaults', () => {
    const message = parseMessage(minimal);
    expect(message.job_definition.batch_id).toBe('default');
    expect(message.job_definition.processing_step).toBe(0);
    expect(message.job_definition.processing_pipeline).toBeUndefined();
    expect(message).toMatchObject({ job_output: {}, run: 0, seq: 0 });
  });

  test('null counts as absent, as older senders wrote it', () => {
    const message = parseMessage({ ...minimal, job_output: null, run: null });
    expect(message).toMatchObject({ job_output: {}, run: 0 });
  });

  test('spaces at the end, which SQL Server compares as if they were not there, never tell two names apart', () => {
    const withBatch = (batch_id: string) =>
      parseMessage({ job_definition: { ...minimal.job_definition, batch_id } }).job_definition.batch_id;
    expect(withBatch('summer  ')).toBe('summer');
    expect(withBatch(' summer')).toBe(' summer');
    expect(() => withBatch('  ')).toThrow(/batch_id/);
    expect(() => parseMessage({ job_definition: { ...minimal.job_definition, id: 'a ' } })).toThrow(
      /id must not end in a space/,
    );
    expect(batchOf('summer /a.jpg')).toBe('summer');
    expect(batchOf(' /a.jpg')).toBe('default');
  });

  test('unknown fields survive at every level', () => {
    const message = parseMessage({
      ...minimal,
      extra: 1,
      job_definition: { ...minimal.job_definition, more: { a: [1] }, input: { image_url: 'u', tint: 'red' } },
    });
    expect(message).toMatchObject({ extra: 1, job_definition: { more: { a: [1] }, input: { tint: 'red' } } });
  });

  test('image_parameters are read under input and, as in the first code, under job_definition', () => {
    const input = { image_url: 'u' };
    expect(
      imageParameters(
        parseMessage({ job_definition: { id: 'a', input: { ...input, image_parameters: 1 } } }),
      ),
    ).toBe(1);
    expect(imageParameters(parseMessage({ job_definition: { id: 'a', input, image_parameters: 2 } }))).toBe(
      2,
    );
  });

  test('defect 4 of 2017: linked content may only be a blob name', () => {
    const link = (linked_content: unknown) => ({ ...minimal, job_output: { ocr: { linked_content } } });
    for (const name of ['a/b.json', 'a', 'a'.repeat(1024)])
      expect(parseMessage(link(name)).job_output.ocr).toEqual({ linked_content: name });
    for (const evil of [
      'https://evil/x',
      'http://169.254.169.254/',
      '../x',
      'a/../../x',
      '/etc/passwd',
      'file:x',
      'a\\b',
      'a'.repeat(1025),
      '',
      7,
      null,
    ]) {
      expect(() => parseMessage(link(evil)), String(evil)).toThrow(/job_output.ocr.linked_content/);
    }
  });

  test('what is wrong is named by path, and no value is quoted', () => {
    const secret = 'somebody@example.org';
    try {
      parseMessage({ job_definition: { id: 5, input: { image_url: { secret } } } });
      expect.unreachable();
    } catch (error) {
      expect(String(error)).toMatch(/job_definition\.id.*job_definition\.input\.image_url/);
      expect(String(error)).not.toContain(secret);
    }
  });

  test('anything at all parses or is a contract error', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: false }), (value) => {
        try {
          parseMessage(value);
        } catch (error) {
          expect(error).toBeInstanceOf(ContractError);
        }
      }),
    );
  });
});

describe('bounds of the contract', () => {
  const with_ =
    (definition: object, more: object = {}) =>
    () =>
      parseMessage({ job_definition: { ...minimal.job_definition, ...definition }, ...more });
  const text = (length: number) => 'x'.repeat(length);
  const nothing = (_: unknown) => ({});

  test.each<[string, (size: number) => object, (size: number) => object, number, number]>([
    ['an id', (n) => ({ id: text(n) }), nothing, 1, 200],
    ['a batch', (n) => ({ batch_id: text(n) }), nothing, 1, 450],
    ['an address', (n) => ({ input: { image_url: text(n) } }), nothing, 1, 16_384],
    ['a pipeline', (n) => ({ processing_pipeline: Array(n).fill('ocr') }), nothing, 0, 64],
    ['the name of a step', (n) => ({ processing_pipeline: [text(n)] }), nothing, 0, 200],
    ['the name of an output', nothing, (n) => ({ job_output: { [text(n)]: 1 } }), 0, 200],
    ['steps to run again', nothing, (n) => ({ rerun_steps: Array(n).fill('ocr') }), 0, 64],
  ])('%s', (_, definition, more, least, most) => {
    const parse = (size: number) => with_(definition(size), more(size));
    expect(parse(least)).not.toThrow();
    expect(parse(most)).not.toThrow();
    expect(parse(most + 1)).toThrow(ContractError);
    if (least > 0) expect(parse(least - 1)).toThrow(ContractError);
  });

  test.each(['run', 'seq', 'deaths'])('%s counts from 0', (name) => {
    expect(with_({}, { [name]: 0 })()).toMatchObject({ [name]: 0 });
    expect(with_({}, {})()).toMatchObject({ [name]: 0 });
    for (const wrong of [-1, 0.5]) expect(with_({}, { [name]: wrong })).toThrow(ContractError);
    if (name === 'deaths') return;
    expect(with_({}, { [name]: 1_000_000 })).not.toThrow();
    expect(with_({}, { [name]: 1_000_001 })).toThrow(ContractError);
  });

  test('a position counts from 0, and what only helps is left out where it is wrong', () => {
    expect(with_({ processing_step: 0 })().job_definition.processing_step).toBe(0);
    expect(with_({ processing_step: -1 })).toThrow(ContractError);
    const odd = with_({}, { traceparent: text(201), row: text(201), away_since: 'yesterday' })();
    expect([odd.traceparent, odd.row, odd.away_since]).toEqual([undefined, undefined, undefined]);
    const fine = { traceparent: text(200), row: text(200), away_since: '2026-01-01T00:00:00.000Z' };
    expect(with_({}, fine)()).toMatchObject(fine);
  });

  test('of many faults five are told', () => {
    const faults = { run: -1, seq: -1, deaths: -1, rerun_steps: 1, job_output: 1, job_errors: 1 };
    expect(() => parseMessage({ ...minimal, ...faults })).toThrow(/^[^;]*(; [^;]*){4}\.$/);
  });
});
