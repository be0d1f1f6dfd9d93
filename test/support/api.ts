import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpRequest, type HttpResponseInit } from '@azure/functions';
import { QueueServiceClient } from '@azure/storage-queue';
import { expect } from 'vitest';
import { Api } from '../../src/api/api.ts';
import { type Operation, type OperationName, operations, problemSchema } from '../../src/api/contract.ts';
import type { Platform } from '../../src/api/platform.ts';
import { type App, openApp } from '../../src/app.ts';
import { silentLog } from '../../src/domain/ports.ts';
import type { Analysis, AnalysisPart, Analyzer } from '../../src/local/vision/analysis.ts';
import { createEngine } from '../../src/local/vision/engine.ts';
import { takeIn } from '../../src/pipeline/delivery/intake.ts';
import { EVENTS_QUEUE } from '../../src/storage/names.ts';
import { createFakeAnalyzer, type Scene } from '../local/vision/fake-analyzer.ts';
import { startEmulator } from './emulator.ts';
import { jpeg, quadrants } from './images.ts';
import { ownDatabase } from './own-database.ts';
import { Recorder } from './recorder.ts';

const PORT = 7071;
const OWN = `127.0.0.1:${PORT}`;

/** A real photograph that carries, behind its end, what the fake analyzer sees in it. */
export async function photograph(scene: Scene = {}, seed = 0): Promise<Buffer> {
  const { width = 640, height = 480 } = scene;
  const image = await jpeg(quadrants(width, height), { quality: 80 + (seed % 20) });
  return Buffer.concat([
    image,
    Buffer.from(`\n#${seed}\nSCENE${JSON.stringify({ width, height, ...scene })}`),
  ]);
}

/** Sees what `photograph` wrote; an image without a scene is one of nothing. */
function sceneAnalyzer(): Analyzer {
  const fake = createFakeAnalyzer();
  return {
    analyze<P extends AnalysisPart>(bytes: Uint8Array, parts: readonly P[]): Promise<Pick<Analysis, P>> {
      const at = Buffer.from(bytes).indexOf('SCENE');
      return fake.analyze(at < 0 ? Buffer.from('SCENE{}') : bytes.subarray(at), parts);
    },
    close: () => fake.close(),
  };
}

interface Answer {
  status: number;
  headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: what it is, each test says; its shape is checked against the contract
  json: any;
  bytes: Buffer;
}

interface Asked {
  headers?: Record<string, string>;
  body?: Buffer | string;
}

/** The API over the real emulator, SQLite and an engine that sees what pictures carry; the test pumps the queues. */
export async function openApi(extra: Record<string, string> = {}, options: { recorded?: boolean } = {}) {
  const [emulator, folder, database] = await Promise.all([
    startEmulator(),
    mkdtemp(join(tmpdir(), 'imaginem-api-')),
    ownDatabase(),
  ]);
  const engine = createEngine({ analyzer: sceneAnalyzer(), clock: Date.now });
  const engineUrl = await engine.listen();
  const recorder = options.recorded ? await Recorder.open(emulator, engineUrl) : undefined;
  const url = recorder?.engineUrl ?? engineUrl;
  const app = await openApp({
    AzureWebJobsStorage: recorder?.connectionString ?? emulator.connectionString,
    COMPUTER_VISION_ENDPOINT: url,
    COMPUTER_VISION_KEY: 'x',
    COMPUTER_VISION_CALLS_PER_SECOND: '1000',
    FACE_ENDPOINT: url,
    FACE_KEY: 'x',
    FACE_CALLS_PER_SECOND: '1000',
    SQLITE_PATH: join(folder, 'results.db'),
    ...(database && { SQL_CONNECTION_STRING: database.connectionString }),
    ...extra,
  });
  await app.ensure();
  let platform: Platform = { kind: 'loopback', port: PORT, user: 'local' };
  const api = new Api({ app, refusal: undefined }, () => platform);
  const invocation = { log: silentLog, signal: new AbortController().signal };

  /** Calls what the route table has there, as the host would, and holds the answer to the contract. */
  async function ask(method: string, path: string, { headers = {}, body }: Asked = {}): Promise<Answer> {
    const pathname = path.split('?')[0]?.slice(1) ?? '';
    const found = match(method, pathname);
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const request = new HttpRequest({
      method,
      url: `http://${headers.host ?? OWN}${path}`,
      headers: { host: OWN, ...headers },
      params: found?.params ?? {},
      ...(bytes && { body: { bytes } }),
    });
    const answer = toAnswer(
      found ? await api.serve(found.name, request, invocation) : await api.serveKeyed(request, invocation),
    );
    if (found) holdToContract(operations[found.name], answer);
    return answer;
  }

  return {
    app,
    api,
    invocation,
    ask,
    get: (path: string, headers: Record<string, string> = {}) => ask('GET', path, { headers }),
    send: (method: string, path: string, value: unknown) =>
      ask(method, path, { body: JSON.stringify(value), headers: { 'content-type': 'application/json' } }),
    upload: (path: string, files: readonly FormPart[]) => ask('POST', path, form(files)),
    runOn: (other: Platform) => {
      platform = other;
    },
    /** Of everything on the wire, where that was asked for. */
    recorder,
    /** Handles messages until every queue is empty, but for the one of the step that is given. */
    drain: (except?: string) => drain(app, emulator.connectionString, except),
    /** Handles one message of a step's queue. */
    deliverOne: (step: string) => deliverOne(app, emulator.connectionString, step),
    stop: async () => {
      await app.close();
      await recorder?.close();
      await engine.close();
      await emulator.stop();
      await database?.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
export type OpenApi = Awaited<ReturnType<typeof openApi>>;

interface FormPart {
  name: string;
  bytes: Buffer;
}

/** A multipart form as browsers write it. */
export function form(files: readonly FormPart[]): Asked {
  const boundary = '----ImaginemTestBoundary7MA4YWxk';
  const parts = files.flatMap(({ name, bytes }) => [
    Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name.replaceAll('"', '%22')}"\r\nContent-Type: image/jpeg\r\n\r\n`,
    ),
    bytes,
    Buffer.from('\r\n'),
  ]);
  return {
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function match(
  method: string,
  path: string,
): { name: OperationName; params: Record<string, string> } | undefined {
  for (const [name, operation] of Object.entries(operations)) {
    if (operation.method !== method) continue;
    const pattern = operation.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const groups = new RegExp(`^${pattern}$`).exec(path)?.groups;
    const literal = operation.path === path;
    if (groups || literal) return { name: name as OperationName, params: { ...groups } };
  }
  return undefined;
}

function toAnswer({ status = 200, headers = {}, body }: HttpResponseInit): Answer {
  const bytes = body === undefined || body === null ? Buffer.alloc(0) : Buffer.from(body as string | Buffer);
  const all = headers as Record<string, string>;
  const json = /json/.test(all['content-type'] ?? '') ? JSON.parse(bytes.toString('utf8')) : undefined;
  return { status, headers: all, json, bytes };
}

/** Every answer of every test is what the contract, and so the OpenAPI document, says. */
function holdToContract(operation: Operation, { status, headers, json, bytes }: Answer): void {
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
  if (status >= 400) {
    expect(headers['content-type']).toContain('application/problem+json');
    expect(problemSchema.parse(json).status).toBe(status);
    return;
  }
  if (status === 304 || operation.answer === null) {
    expect(bytes).toHaveLength(0);
    if (status !== 304) expect(status).toBe(204);
    return;
  }
  expect(status).toBe(operation.status ?? 200);
  if ('contentTypes' in operation.answer) {
    expect(operation.answer.contentTypes).toContain(headers['content-type']);
    return;
  }
  // Nothing unsaid goes out: parsing drops what the schema does not name.
  expect(operation.answer.parse(json)).toEqual(json);
}

const delivery = { dequeueCount: 1, log: silentLog, signal: new AbortController().signal };

/** Handles messages until every queue is empty, but for one. */
async function drain(app: App, connectionString: string, except?: string): Promise<void> {
  await app.reconciler(Number.NEGATIVE_INFINITY).run(silentLog);
  const service = QueueServiceClient.fromConnectionString(connectionString);
  const queues = [EVENTS_QUEUE, ...app.registry.names].filter((queue) => queue !== except);
  for (let quiet = 0; quiet < 2; ) {
    quiet += 1;
    for (const queue of queues) {
      const client = service.getQueueClient(queue);
      const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
      for (const { messageText, messageId, popReceipt } of receivedMessageItems) {
        quiet = 0;
        const raw: unknown = JSON.parse(messageText);
        if (queue === EVENTS_QUEUE) await takeIn(raw, delivery, app);
        else await app.helper.process(queue, raw, delivery);
        await client.deleteMessage(messageId, popReceipt);
      }
    }
  }
}

async function deliverOne(app: App, connectionString: string, step: string): Promise<void> {
  const client = QueueServiceClient.fromConnectionString(connectionString).getQueueClient(step);
  const { receivedMessageItems } = await client.receiveMessages();
  const [message] = receivedMessageItems;
  if (!message) throw new Error(`There is no message in the queue of ${step}.`);
  await app.helper.process(step, JSON.parse(message.messageText), delivery);
  await client.deleteMessage(message.messageId, message.popReceipt);
}
