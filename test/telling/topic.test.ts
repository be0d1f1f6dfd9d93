import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PermanentError } from '../../src/domain/errors.ts';
import { toCloudEvent } from '../../src/telling/cloud-event.ts';
import { Topic } from '../../src/telling/topic.ts';
import { selfSignedCertificate } from '../support/certificate.ts';

const certificate = selfSignedCertificate(['localhost']);
const signal = new AbortController().signal;
const at = '2026-11-30T00:00:00.000Z';
const event = toCloudEvent({ id: 'e1', type: 'found', enquiry: 'a', candidate: 'b', at });

let server: Server;
let status: number;
/** Whether it says how long to wait. */
let isPatient: boolean;
let asked: { headers: IncomingHttpHeaders; body: unknown }[];

beforeAll(async () => {
  server = createServer(certificate, async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    asked.push({ headers: request.headers, body: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(status, isPatient ? { 'retry-after': '30' } : {}).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
  status = 200;
  isPatient = true;
});

const signsIn = async () => ({ token: 'of-the-identity', expiresOnTimestamp: Date.now() + 3_600_000 });
const topic = (getToken: () => Promise<{ token: string; expiresOnTimestamp: number }> = signsIn) =>
  new Topic(
    `https://localhost:${(server.address() as AddressInfo).port}/api/events`,
    { getToken },
    { tlsOptions: { ca: certificate.cert } },
  );

test('an event is published as a CloudEvent, by identity', async () => {
  await topic().send(event, signal);
  expect(asked).toHaveLength(1);
  expect(asked[0]?.headers.authorization).toBe('Bearer of-the-identity');
  expect(asked[0]?.headers['content-type']).toContain('application/cloudevents-batch+json');
  expect(asked[0]?.body).toEqual([event]);
});

test.each([
  [401, /EventGrid Data Sender/],
  [403, /EventGrid Data Sender/],
  [500, /HTTP 500/],
])('a refusal of %i is told of in words, once', async (given, message) => {
  status = given;
  await expect(topic().send(event, signal)).rejects.toMatchObject({
    code: 'TopicFailed',
    message: expect.stringMatching(message),
  });
  expect(asked).toHaveLength(1);
});

test('a topic that asks for fewer events says for how long', async () => {
  status = 429;
  await expect(topic().send(event, signal)).rejects.toMatchObject({
    code: 'TopicRateLimited',
    retryAfterMs: 30_000,
  });
});

test('what is to be waited for is told, where the topic says so', async () => {
  const failing = async (code: number) => {
    status = code;
    return topic()
      .send(event, signal)
      .catch((error: unknown) => error);
  };
  expect(await failing(503)).toMatchObject({ retryAfterMs: 30_000 });
  isPatient = false;
  expect(await failing(503)).not.toHaveProperty('retryAfterMs', expect.anything());
  expect(await failing(429)).toMatchObject({ code: 'TopicRateLimited', retryAfterMs: 0 });
});

test('what goes wrong before the topic answers is told of by its code alone, and what is ours as it is', async () => {
  const message = async (thrown: unknown) =>
    topic(() => Promise.reject(thrown))
      .send(event, signal)
      .catch((error: Error) => error.message);
  const failure = (code?: unknown) => Object.assign(new Error('secret'), { code });
  expect(await message(failure('ECONNRESET'))).toBe('The Event Grid topic cannot be reached (ECONNRESET).');
  for (const code of [undefined, 7, 'two words', ''])
    expect(await message(failure(code))).toBe('The Event Grid topic cannot be reached.');
  expect(await message(new PermanentError('WebhookGone', 'Ours.'))).toBe('Ours.');
});

test('whoever stops hears of that; one event takes a quarter of a minute at most', async () => {
  const stop = new AbortController();
  const limits = vi.spyOn(AbortSignal, 'timeout');
  const stopping = topic(() => {
    stop.abort(new Error('stopping'));
    return signsIn();
  });
  await expect(stopping.send(event, stop.signal)).rejects.toThrow('stopping');
  expect(limits.mock.calls).toEqual([[15_000]]);
  limits.mockRestore();
});
