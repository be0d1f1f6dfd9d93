import { once } from 'node:events';
import { createServer as createPlain, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Webhook as Verifier } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { readSettings } from '../../src/domain/settings.ts';
import type { CloudEvent } from '../../src/telling/cloud-event.ts';
import { openReceiver } from '../../src/telling/open.ts';
import { Webhook, type WebhookOptions } from '../../src/telling/webhook.ts';
import { selfSignedCertificate } from '../support/certificate.ts';

const HOST = 'hooks.example.org';
const certificate = selfSignedCertificate([HOST]);
const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const event: CloudEvent = {
  specversion: '1.0',
  id: 'e1',
  source: '/imaginem',
  type: 'imaginem.candidate.proposed',
  subject: 'enquiries/a/candidates/b',
  time: '2026-11-30T00:00:00.000Z',
  datacontenttype: 'application/json',
  data: { enquiry: 'a', candidate: 'b' },
};

let server: Server;
let answer: (request: IncomingMessage, response: ServerResponse) => void;
let asked: { request: IncomingMessage; body: string }[];

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  asked.push({ request, body: Buffer.concat(chunks).toString() });
  answer(request, response);
}

beforeAll(async () => {
  server = createServer(certificate, take);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  answer = (_, response) => response.end();
});

const portOf = (one: { address(): unknown }) => (one.address() as AddressInfo).port;

const webhook = (changes: Partial<WebhookOptions> = {}) =>
  new Webhook({
    url: `https://${HOST}/imaginem?to=me`,
    secret,
    allowPrivate: false,
    clock: Date.now,
    resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    transport: { ca: certificate.cert, port: portOf(server), isPublic: () => true },
    ...changes,
  });

const send = (changes: Partial<WebhookOptions> = {}, signal = new AbortController().signal) =>
  webhook(changes).send(event, signal);

test('an event arrives as a CloudEvent, signed as Standard Webhooks says, keyed by its id', async () => {
  await send();
  const [{ request, body } = {}] = asked;
  expect(request?.method).toBe('POST');
  expect(request?.url).toBe('/imaginem?to=me');
  expect(request?.headers['content-type']).toBe('application/cloudevents+json; charset=utf-8');
  expect(request?.headers['webhook-id']).toBe('e1');
  const headers = request?.headers as Record<string, string>;
  expect(new Verifier(secret).verify(body ?? '', headers)).toEqual(event);
  expect(() => new Verifier(secret).verify(`${body} `, headers)).toThrow(/signature/i);
});

test.each([
  [301, 'WebhookFailed', /no redirect/],
  [400, 'WebhookFailed', /HTTP 400/],
  [500, 'WebhookFailed', /HTTP 500/],
  [429, 'WebhookRateLimited', /HTTP 429/],
  [410, 'WebhookGone', /gone for good/],
])('an answer of %i is %s, and leads nowhere else', async (status, code, message) => {
  answer = (_, response) =>
    response.writeHead(status, { location: 'https://127.0.0.1/', 'retry-after': '90' }).end();
  await expect(send()).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(asked).toHaveLength(1);
});

test('what the receiver asks to wait is taken from its answer', async () => {
  answer = (_, response) => response.writeHead(503, { 'retry-after': '90' }).end();
  await expect(send()).rejects.toMatchObject({ retryAfterMs: 90_000 });
});

test.each(['127.0.0.1', '10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '::ffff:192.168.0.1'])(
  'a host that has the address %s is never connected to, unless that is allowed',
  async (address) => {
    const resolve = async () => [
      { address: '127.0.0.1', family: 4 },
      { address, family: address.includes(':') ? 6 : 4 },
    ];
    const { isPublicAddress: isPublic } = await import('../../src/network/public-address.ts');
    const transport = { ca: certificate.cert, port: portOf(server), isPublic };
    await expect(send({ resolve, transport })).rejects.toMatchObject({ code: 'WebhookRefused' });
    expect(asked).toEqual([]);
    await send({ resolve: async () => [{ address: '127.0.0.1', family: 4 }], transport, allowPrivate: true });
    expect(asked).toHaveLength(1);
  },
);

test('a receiver that does not answer is given up in time, and one that is not there is told of by its code', async () => {
  answer = () => {};
  await expect(send({ timeoutMs: 200 })).rejects.toMatchObject({
    code: 'WebhookUnavailable',
    message: expect.stringContaining('in time'),
  });
  const closed = createPlain().listen(0, '127.0.0.1');
  await once(closed, 'listening');
  const transport = { ca: certificate.cert, port: portOf(closed), isPublic: () => true };
  await new Promise((done) => closed.close(done));
  await expect(send({ transport })).rejects.toMatchObject({
    message: expect.stringContaining('ECONNREFUSED'),
  });
});

test('whoever stops meanwhile hears of that, and not of the receiver', async () => {
  const stop = new AbortController();
  answer = () => stop.abort(new Error('stopping'));
  await expect(send({}, stop.signal)).rejects.toThrow('stopping');
});

test('whoever has stopped before asks nobody, not even for the address', async () => {
  const resolve = vi.fn(async () => [{ address: '127.0.0.1', family: 4 }]);
  await expect(send({ resolve }, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  expect([resolve.mock.calls.length, asked.length]).toEqual([0, 0]);
});

test('what an answer says is not waited for: it could be without end', async () => {
  let closed = Promise.withResolvers<void>();
  answer = (request, response) => {
    request.socket.once('close', () => closed.resolve());
    response.writeHead(200).write('and so on');
  };
  await send();
  await closed.promise;
  closed = Promise.withResolvers();
  const limits = vi.spyOn(AbortSignal, 'timeout');
  await send();
  expect(limits.mock.calls[0]).toEqual([15_000]);
  limits.mockRestore();
});

test.each([
  [204, undefined],
  [299, undefined],
  [300, 'The receiver did not take the event (HTTP 300; no redirect is followed).'],
  [399, 'The receiver did not take the event (HTTP 399; no redirect is followed).'],
  [400, 'The receiver did not take the event (HTTP 400).'],
  [429, 'The receiver asks for fewer events (HTTP 429).'],
])('an answer of %i says nothing of how long to wait', async (status, message) => {
  answer = (_, response) => response.writeHead(status).end();
  const error = await send().catch((thrown: Error & { retryAfterMs?: number }) => thrown);
  expect(error?.message).toBe(message);
  expect(error?.retryAfterMs).toBe(status === 429 ? 0 : undefined);
});

test('a bug is no fault of the receiver', async () => {
  const bug = new Error('a bug');
  await expect(send({ resolve: () => Promise.reject(bug) })).rejects.toBe(bug);
});

test('who is told is what the settings name: an address with its secret, or a topic', async () => {
  const open = (settings: object) =>
    openReceiver(settings as never, {
      clock: Date.now,
      identity: async () => ({ getToken: async () => null }),
    });
  expect(await open({ WEBHOOK_URL: 'https://example.org/' })).toBeUndefined();
  expect(await open({ WEBHOOK_SECRET: secret })).toBeUndefined();
  const topic = { EVENT_GRID_TOPIC_ENDPOINT: 'https://t.example.org/api/events' };
  expect((await open(topic))?.kind).toBe('topic');
  const inside = { WEBHOOK_URL: 'https://10.255.255.1/', WEBHOOK_SECRET: secret };
  const codeOf = async (settings: object) => {
    const receiver = await open(settings);
    const error: unknown = await receiver?.send(event, AbortSignal.timeout(200)).catch((thrown) => thrown);
    return (error as { code?: unknown }).code;
  };
  expect(await codeOf(inside)).toBe('WebhookRefused');
  expect(await codeOf({ ...inside, WEBHOOK_PRIVATE_ADDRESSES: 'off' })).toBe('WebhookRefused');
  expect(await codeOf({ ...inside, WEBHOOK_PRIVATE_ADDRESSES: 'on' })).not.toBe('WebhookRefused');
});

test('this machine is told without TLS, by the settings alone', async () => {
  const plain = createPlain(take).listen(0, '127.0.0.1');
  await once(plain, 'listening');
  try {
    const url = `http://127.0.0.1:${portOf(plain)}/hook`;
    const settings = readSettings({ WEBHOOK_URL: url, WEBHOOK_SECRET: secret });
    const receiver = await openReceiver(settings, { clock: Date.now });
    expect(receiver?.kind).toBe('webhook');
    await receiver?.send(event, new AbortController().signal);
    expect(asked).toHaveLength(1);
    expect(await openReceiver(readSettings({}), { clock: Date.now })).toBeUndefined();
  } finally {
    plain.closeAllConnections();
    plain.close();
  }
});

test.each([
  [{ WEBHOOK_URL: 'http://example.org/' }, /WEBHOOK_URL.*https/s],
  [{ WEBHOOK_URL: 'http://10.0.0.1/' }, /WEBHOOK_URL.*https/s],
  [{ WEBHOOK_URL: 'ftp://example.org/' }, /https/],
  [{ WEBHOOK_URL: 'https://a:b@example.org/' }, /user name/],
  [{ WEBHOOK_URL: 'nowhere' }, /address/],
  [{ WEBHOOK_URL: 'https://example.org/' }, /WEBHOOK_SECRET: is missing/],
  [{ WEBHOOK_SECRET: 'whsec_short' }, /24 to 64/],
  [{ WEBHOOK_SECRET: '@Microsoft.KeyVault(SecretUri=https://v/secrets/s)' }, /Key Vault/],
  [{ EVENT_GRID_TOPIC_ENDPOINT: 'http://example.org/' }, /EVENT_GRID_TOPIC_ENDPOINT/],
  [
    {
      WEBHOOK_URL: 'https://example.org/',
      WEBHOOK_SECRET: secret,
      EVENT_GRID_TOPIC_ENDPOINT: 'https://t.example.org/api/events',
    },
    /one of the two/,
  ],
])('settings that cannot be meant are refused: %j', (env, message) => {
  expect(() => readSettings(env)).toThrow(message);
});
