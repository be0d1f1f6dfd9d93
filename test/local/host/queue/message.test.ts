import type { DequeuedMessageItem } from '@azure/storage-queue';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, triggerMetadata } from '../../../../src/local/host/queue/message.ts';

const message: DequeuedMessageItem = {
  messageId: 'the-id',
  insertedOn: new Date('2026-01-02T03:04:05Z'),
  expiresOn: new Date('2026-01-09T03:04:05Z'),
  nextVisibleOn: new Date('2026-01-02T03:14:05Z'),
  popReceipt: 'receipt',
  dequeueCount: 3,
  messageText: '',
};

test('base64 gives back any text; what is no base64 of UTF-8 gives nothing', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(decodeMessage(Buffer.from(text).toString('base64'), 'base64')).toBe(text);
      expect(decodeMessage(text, 'none')).toBe(text);
    }),
  );
  for (const text of ['{"a":1}', 'abc', 'YQ=', 'YQ==YQ==', Buffer.from([0xff, 0xfe]).toString('base64')]) {
    expect(decodeMessage(text, 'base64')).toBeUndefined();
  }
});

test('strings travel as {string}, dates and the dequeue count as {json}', () => {
  expect(triggerMetadata(message, 'text')).toEqual({
    QueueTrigger: { string: 'text' },
    DequeueCount: { json: '"3"' },
    ExpirationTime: { json: '"2026-01-09T03:04:05.000Z"' },
    Id: { string: 'the-id' },
    InsertionTime: { json: '"2026-01-02T03:04:05.000Z"' },
    NextVisibleTime: { json: '"2026-01-02T03:14:05.000Z"' },
    PopReceipt: { string: 'receipt' },
  });
});

test('fields of a JSON object replace metadata of that name in any case; arrays and nulls are left out', () => {
  const body = JSON.stringify({ ID: 7, yes: true, none: null, list: [1], nested: { a: 1 } });
  const metadata = triggerMetadata(message, body);
  expect(metadata).toMatchObject({
    Id: { string: '7' },
    yes: { string: 'True' },
    nested: { json: '{"a":1}' },
  });
  for (const name of ['ID', 'none', 'list']) expect(metadata).not.toHaveProperty(name);
});

test('any other body adds nothing', () => {
  for (const body of ['[{"id":1}]', '"id"', '{not json}', '']) {
    expect(Object.keys(triggerMetadata(message, body))).toHaveLength(7);
  }
});

test('of fields that differ in their capitals the last counts, under the name of the first', () => {
  expect(triggerMetadata(message, '{"Batch":"a","bATCH":"b","no":false,"n":1}')).toMatchObject({
    Batch: { string: 'b' },
    no: { string: 'False' },
    n: { string: '1' },
  });
  expect(triggerMetadata(message, '{"Batch":"a","bATCH":"b"}')).not.toHaveProperty('bATCH');
});

test('a byte order mark is a part of the text', () => {
  expect(decodeMessage(Buffer.from('\uFEFF{}').toString('base64'), 'base64')).toBe('\uFEFF{}');
});
