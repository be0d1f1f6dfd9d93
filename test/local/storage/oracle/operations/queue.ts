import fc from 'fast-check';
import type { WireRequest } from '../../wire/request.ts';
import type { Language, Session } from '../operation.ts';

/** Texts that XML and lengths make difficult. The last two are the longest allowed and one beyond. */
const TEXTS = [
  '',
  'plain',
  '{"a":"<&>\\"\'"}',
  'ü ß \u{1f600}',
  ' space ',
  'x'.repeat(65_536),
  'x'.repeat(65_537),
] as const;
/** Only the ends of time: what is visible must not depend on how fast two services are. */
const VISIBILITIES = [undefined, 0, 1000, 604_800, 604_801, -1] as const;
const TTLS = [undefined, -1, 1000, 0, -2] as const;
const COUNTS = [undefined, 1, 2, 32, 33, 0] as const;
const METADATA: readonly Record<string, string>[] = [
  {},
  { 'x-ms-meta-one': '1' },
  { 'x-ms-meta-Two': 'b c' },
];

const kind = <K extends string>(value: K) => fc.constant(value);
const of = <T>(items: readonly T[]) => fc.constantFrom(...items);
const queue = fc.oneof({ weight: 12, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(1) });
const text = fc.oneof({ weight: 5, arbitrary: fc.nat(4) }, { weight: 1, arbitrary: fc.constantFrom(5, 6) });
/** Mostly what works, at times what is out of bounds. */
const visibility = fc.oneof({ weight: 5, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(5) });
const counts = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(undefined, 1, 2, 32) },
  { weight: 1, arbitrary: of(COUNTS) },
);
const ttl = fc.oneof({ weight: 5, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(4) });
const which = fc.oneof(
  { weight: 3, arbitrary: fc.constant<'last'>('last') },
  { weight: 1, arbitrary: fc.constant<'first'>('first') },
);
const message = { queue, message: fc.nat(5), receipt: which };

export const queueStep = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: kind('create'), queue, metadata: fc.nat(2) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('remove'), queue }) },
  { weight: 2, arbitrary: fc.record({ kind: kind('getMetadata'), queue, head: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('setMetadata'), queue, metadata: fc.nat(2) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('listQueues'),
      metadata: fc.nat(1),
      max: fc.constantFrom(undefined, 1),
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: kind('send'), queue, text, visibility, ttl }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind('receive'),
      queue,
      count: counts,
      visibility: fc.constantFrom(0, 2, 2, 2, 2, 2, 1, 3, 4, 5),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: kind('peek'), queue, count: counts }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: kind('update'), ...message, text: fc.option(text), visibility }),
  },
  { weight: 4, arbitrary: fc.record({ kind: kind('delete'), ...message }) },
  { weight: 1, arbitrary: fc.record({ kind: kind('clear'), queue }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: kind('refused'),
      queue,
      authorisation: fc.constantFrom('none', 'stranger'),
    }),
  },
);

/** The parts of a step that all kinds together may have. */
interface QueueStep {
  readonly kind: string;
  readonly queue?: number;
  readonly metadata?: number;
  readonly head?: boolean;
  readonly max?: number | undefined;
  readonly text?: number | null;
  readonly visibility?: number;
  readonly ttl?: number;
  readonly count?: number | undefined;
  readonly message?: number;
  readonly receipt?: 'first' | 'last';
  readonly authorisation?: 'none' | 'stranger';
}

const escapeXml = (raw: string): string =>
  raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const envelope = (index: number): string =>
  `<?xml version="1.0" encoding="utf-8"?><QueueMessage><MessageText>${escapeXml(TEXTS[index] ?? '')}</MessageText></QueueMessage>`;

const number = (name: string, value: number | undefined): Record<string, string> =>
  value === undefined ? {} : { [name]: String(value) };

const XML = { 'content-type': 'application/xml' };

export const queueLanguage: Language<QueueStep> = {
  request: (step, session) => ({ service: 'queue', ...make(step, session) }),
  note(step, answer, { memory }) {
    const queue = String(step.queue);
    const bodyText = answer.body.toString();
    for (const [, part = ''] of bodyText.matchAll(/<QueueMessage>(.*?)<\/QueueMessage>/gs)) {
      const id = /<MessageId>(.*?)<\/MessageId>/.exec(part)?.[1];
      const receipt = /<PopReceipt>(.*?)<\/PopReceipt>/.exec(part)?.[1];
      if (id !== undefined && receipt !== undefined) memory.noteMessage(queue, id, receipt);
    }
    const receipt = answer.headers['x-ms-popreceipt'];
    if (step.kind === 'update' && receipt !== undefined) {
      const { id } = memory.message(queue, step.message ?? 0, 'last');
      memory.noteMessage(queue, id, receipt);
    }
  },
};

function make(step: QueueStep, { space, memory }: Session): Omit<WireRequest, 'service'> {
  const path = `/${space}-q${step.queue ?? 0}`;
  const metadata = METADATA[step.metadata ?? 0] ?? {};
  const known = memory.message(String(step.queue), step.message ?? 0, step.receipt ?? 'last');
  const visibility = number('visibilitytimeout', VISIBILITIES[step.visibility ?? 0]);
  const ofMessage = { path: `${path}/messages/${known.id}`, query: { popreceipt: known.receipt } };
  switch (step.kind) {
    case 'create':
      return { method: 'PUT', path, headers: metadata };
    case 'remove':
      return { method: 'DELETE', path };
    case 'getMetadata':
      return { method: step.head ? 'HEAD' : 'GET', path, query: { comp: 'metadata' } };
    case 'setMetadata':
      return { method: 'PUT', path, query: { comp: 'metadata' }, headers: metadata };
    case 'listQueues':
      return {
        ...{ method: 'GET', path: '/' },
        query: {
          ...{ comp: 'list', prefix: space, ...number('maxresults', step.max) },
          ...(step.metadata && { include: 'metadata' }),
        },
      };
    case 'send':
      return {
        ...{ method: 'POST', path: `${path}/messages`, headers: XML, body: envelope(step.text ?? 0) },
        query: { ...visibility, ...number('messagettl', TTLS[step.ttl ?? 0]) },
      };
    case 'receive':
      return {
        ...{ method: 'GET', path: `${path}/messages` },
        query: { ...visibility, ...number('numofmessages', step.count) },
      };
    case 'peek':
      return {
        ...{ method: 'GET', path: `${path}/messages` },
        query: { peekonly: 'true', ...number('numofmessages', step.count) },
      };
    case 'update':
      return {
        ...{ method: 'PUT', path: ofMessage.path, query: { ...ofMessage.query, ...visibility } },
        ...(typeof step.text === 'number' && { headers: XML, body: envelope(step.text) }),
      };
    case 'delete':
      return { method: 'DELETE', ...ofMessage };
    case 'clear':
      return { method: 'DELETE', path: `${path}/messages` };
    case 'refused':
      return { method: 'GET', path: `${path}/messages`, authorisation: step.authorisation ?? 'none' };
    default:
      throw new Error(`No request is known for "${step.kind}".`);
  }
}
