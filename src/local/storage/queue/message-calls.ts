import { escapeXml, UNFIT_FOR_XML } from '../../../domain/xml-text.ts';
import { type Answer, xmlAnswer } from '../http/answer.ts';
import type { Call } from '../http/call.ts';
import { decode } from '../http/call.ts';
import { httpDate } from '../http/date.ts';
import { numberQuery } from '../http/number-query.ts';
import { bodyTooLarge, invalidQuery, invalidXml, missingQuery } from '../http/storage-error.ts';
import { childOf, parseXml } from '../http/xml.ts';
import { type Message, type Messages, MOST_HIDDEN_S, NEVER } from './messages.ts';

/** How long a message lives of which nothing else is said, in seconds. */
const USUAL_LIFE_S = 7 * 24 * 3600;
/** Of a message's text, in bytes of UTF-8. */
const TEXT_LIMIT = 64 * 1024;
/** A body is XML around the text, which escapes can make six times as long. */
export const MESSAGE_BODY_LIMIT = 6 * TEXT_LIMIT + 1024;

/** Put Message. */
export function putMessage(call: Call, body: Buffer, queue: number, messages: Messages): Answer {
  const { now } = call;
  const timeout = numberQuery(call, 'visibilitytimeout', 0, MOST_HIDDEN_S, 0);
  const ttl = numberQuery(call, 'messagettl', -1, Number.MAX_SAFE_INTEGER, USUAL_LIFE_S);
  if (ttl === 0) throw invalidQuery('messagettl', '0');
  if (ttl !== -1 && timeout >= ttl) throw invalidQuery('visibilitytimeout', String(timeout));
  const text = textOf(body);
  const expires = ttl === -1 ? NEVER : Math.min(NEVER, now + ttl * 1000);
  const message = messages.put(queue, text, now, now + timeout * 1000, expires);
  return xmlAnswer(list(`${fixed(message)}${held(message)}`), {}, 201);
}

/** Get Messages. */
export function getMessages(call: Call, queue: number, messages: Messages): Answer {
  const limit = numberQuery(call, 'numofmessages', 1, 32, 1);
  const timeout = numberQuery(call, 'visibilitytimeout', 1, MOST_HIDDEN_S, 30);
  const taken = messages.take(queue, call.now, call.now + timeout * 1000, limit);
  return xmlAnswer(list(...taken.map((message) => `${fixed(message)}${held(message)}${counted(message)}`)), {
    'cache-control': 'no-cache',
  });
}

/** Peek Messages. */
export function peekMessages(call: Call, queue: number, messages: Messages): Answer {
  const limit = numberQuery(call, 'numofmessages', 1, 32, 1);
  const shown = messages.peek(queue, call.now, limit);
  return xmlAnswer(list(...shown.map((message) => `${fixed(message)}${counted(message)}`)), {
    'cache-control': 'no-cache',
  });
}

/** Delete Message. */
export function deleteMessage(call: Call, rawId: string, queue: number, messages: Messages): Answer {
  messages.remove(queue, decode(rawId), receiptOf(call), call.now);
  return { status: 204 };
}

/** Update Message; without a body the text stays. */
export function updateMessage(
  call: Call,
  body: Buffer,
  rawId: string,
  queue: number,
  messages: Messages,
): Answer {
  const receipt = receiptOf(call);
  const timeout = numberQuery(call, 'visibilitytimeout', 0, MOST_HIDDEN_S, undefined);
  if (timeout === undefined) throw missingQuery('visibilitytimeout');
  const text = body.length === 0 ? undefined : textOf(body);
  const visible = call.now + timeout * 1000;
  const next = messages.update(queue, decode(rawId), receipt, call.now, visible, text);
  return { status: 204, headers: { 'x-ms-popreceipt': next, 'x-ms-time-next-visible': httpDate(visible) } };
}

function receiptOf({ query }: Call): string {
  const receipt = query.get('popreceipt');
  if (receipt === undefined) throw missingQuery('popreceipt');
  if (receipt === '') throw invalidQuery('popreceipt', receipt);
  return receipt;
}

function textOf(body: Buffer): string {
  const root = parseXml(body.toString('utf8'));
  const element = root.name.toLowerCase() === 'queuemessage' ? childOf(root, 'MessageText') : undefined;
  if (!element) throw invalidXml('A QueueMessage with one MessageText was expected.');
  if (Buffer.byteLength(element.text) > TEXT_LIMIT) throw bodyTooLarge(TEXT_LIMIT);
  if (UNFIT_FOR_XML.test(element.text)) throw invalidXml();
  return element.text;
}

const list = (...messages: readonly string[]): string =>
  messages.length === 0
    ? '<QueueMessagesList />'
    : `<QueueMessagesList><QueueMessage>${messages.join('</QueueMessage><QueueMessage>')}</QueueMessage></QueueMessagesList>`;

const fixed = ({ id, inserted, expires }: Message): string =>
  `<MessageId>${id}</MessageId><InsertionTime>${httpDate(inserted)}</InsertionTime><ExpirationTime>${httpDate(expires)}</ExpirationTime>`;

const held = ({ receipt, visible }: Message): string =>
  `<PopReceipt>${receipt}</PopReceipt><TimeNextVisible>${httpDate(visible)}</TimeNextVisible>`;

const counted = ({ dequeues, text }: Message): string =>
  `<DequeueCount>${dequeues}</DequeueCount><MessageText>${escapeXml(text)}</MessageText>`;
