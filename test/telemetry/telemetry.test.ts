import tls from 'node:tls';
import { gunzipSync } from 'node:zlib';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { foreignCode } from '../../src/domain/error-codes.ts';
import { OutageError, PermanentError } from '../../src/domain/errors.ts';
import { readSettings } from '../../src/domain/settings.ts';
import type { AnyStep } from '../../src/domain/step.ts';
import { telemetryOf } from '../../src/telemetry/open.ts';
import { openTelemetry } from '../../src/telemetry/open-telemetry.ts';
import { noTelemetry, type Telemetry } from '../../src/telemetry/telemetry.ts';
import { selfSignedCertificate } from '../support/certificate.ts';
import { type Emulator, startEmulator } from '../support/emulator.ts';
import { jpeg } from '../support/images.ts';
import { openPipeline } from '../support/pipeline.ts';
import { startStub } from '../vision/support/stub-server.ts';

let emulator: Emulator;
beforeAll(async () => {
  emulator = await startEmulator();
});
afterAll(() => emulator?.stop());

/** Keeps what is exported beyond the shutdown that flushes it. */
function recorded(traceRatio = 1) {
  const spans: ReadableSpan[] = [];
  const spanExporter = new InMemorySpanExporter();
  spanExporter.export = (batch, done) => {
    spans.push(...batch);
    done({ code: 0 });
  };
  const metrics = new InMemoryMetricExporter(AggregationTemporality.DELTA);
  const counts: Record<string, number> = {};
  const metricExporter: PushMetricExporter = {
    selectAggregationTemporality: () => AggregationTemporality.DELTA,
    forceFlush: async () => {},
    shutdown: () => metrics.shutdown(),
    export(batch, done) {
      for (const { metrics: all } of batch.scopeMetrics) {
        for (const { descriptor, dataPoints } of all) {
          for (const { attributes, value } of dataPoints) {
            const key = [descriptor.name, ...Object.values(attributes)].join(' ');
            counts[key] = (counts[key] ?? 0) + (value as number);
          }
        }
      }
      done({ code: 0 });
    },
  };
  opened = openTelemetry({ spans: spanExporter, metrics: metricExporter, traceRatio });
  return { telemetry: opened, spans, counts };
}
let opened: Telemetry | undefined;
afterEach(() => opened?.close());

const step = (name: string, run: AnyStep['run']): AnyStep => ({
  name,
  needs: [],
  schema: z.unknown(),
  summary: 'For a test.',
  run,
});

test('an image is one trace from its admission to its row, and is counted once', async () => {
  const { telemetry, spans, counts } = recorded();
  let tries = 0;
  const pipeline = await openPipeline(
    emulator,
    [
      step('flaky', async () => {
        tries += 1;
        if (tries === 1) throw new OutageError('away', {});
        return telemetry.span('a call', {}, async () => ({ fine: true }));
      }),
      step('broken', () => Promise.reject(new PermanentError(foreignCode('NoGood'), 'No good.'))),
    ],
    {},
    { telemetry },
  );
  await pipeline.drop('batch/a.jpg', await jpeg());
  await pipeline.reconciler.run({ info() {}, warn() {}, error() {} });
  await pipeline.drain();
  expect([...pipeline.rows.values()]).toHaveLength(1);
  await pipeline.empty();
  await telemetry.close();

  const byName = spans.map(({ name }) => name).sort();
  expect(byName).toEqual(['a call', 'admission', 'broken', 'flaky', 'flaky', 'pipelineoutput']);
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  const admission = spans.find(({ name }) => name === 'admission');
  for (const { name, parentSpanContext } of spans.filter(({ name }) => !/admission|call/.test(name))) {
    expect(parentSpanContext?.spanId, name).toBe(admission?.spanContext().spanId);
  }
  const call = spans.find(({ name }) => name === 'a call');
  const flaky = spans.filter(({ name }) => name === 'flaky').map((span) => span.spanContext().spanId);
  expect(flaky).toContain(call?.parentSpanContext?.spanId);
  expect(counts).toEqual({
    'imaginem.images done': 1,
    'imaginem.step.delays flaky ServiceUnavailable': 1,
    'imaginem.step.outcomes flaky done': 1,
    'imaginem.step.outcomes broken failed': 1,
    'imaginem.step.outcomes pipelineoutput done': 1,
  });
});

test('a message without a trace begins one, and its followers carry it; an ill-formed one does no harm', async () => {
  const { telemetry, spans } = recorded();
  const pipeline = await openPipeline(emulator, [step('first', async () => ({}))], {}, { telemetry });
  await pipeline.drop('batch/b.jpg', await jpeg());
  for (const [id, traceparent] of [
    ['none', undefined],
    ['broken', '00-nonsense'],
  ] as const) {
    const input = { image_url: pipeline.storage.blobs.url('inputimages', 'batch/b.jpg') };
    await pipeline.deliver('first', JSON.stringify({ job_definition: { id, input }, traceparent }));
  }
  await pipeline.drain();
  expect(pipeline.rows.size).toBe(2);
  await pipeline.empty();
  await telemetry.close();
  const traces = Object.groupBy(spans, (span) => span.spanContext().traceId);
  expect(Object.values(traces).map((one) => one?.map(({ name }) => name).sort())).toContainEqual([
    'first',
    'pipelineoutput',
  ]);
});

test('with a ratio of 0 nothing is traced, and everything is still counted', async () => {
  const { telemetry, spans, counts } = recorded(0);
  await telemetry.span('work', {}, async () => telemetry.count('imaginem.images', { end: 'done' }));
  await telemetry.close();
  expect(spans).toEqual([]);
  expect(counts).toEqual({ 'imaginem.images done': 1 });
});

test("a span of failed work names the error's class and quotes nothing of it", async () => {
  const { telemetry, spans } = recorded();
  const failing = telemetry.span('work', {}, () => Promise.reject(new TypeError('secret')));
  await expect(failing).rejects.toThrow('secret');
  await telemetry.close();
  expect(spans[0]?.status).toEqual({ code: 2, message: 'TypeError' });
  expect(JSON.stringify([spans[0]?.attributes, spans[0]?.events])).not.toContain('secret');
});

test('Application Insights is sent spans and figures, signed in by the identity of the app', async () => {
  const certificate = selfSignedCertificate(['localhost']);
  const trusted = tls.getCACertificates('default');
  tls.setDefaultCACertificates([...trusted, certificate.cert]);
  const stub = await startStub(
    () => ({ body: { itemsReceived: 1, itemsAccepted: 1, errors: [] } }),
    certificate,
  );
  const scopes: string[] = [];
  try {
    const settings = readSettings({
      APPLICATIONINSIGHTS_CONNECTION_STRING: `InstrumentationKey=00000000-0000-4000-8000-000000000000;IngestionEndpoint=${stub.url}/`,
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=client;Authorization=AAD',
    });
    opened = await telemetryOf(settings, async () => ({
      async getToken(scope) {
        scopes.push([scope].flat().join(' '));
        return { token: 'a-token', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    }));
    await opened.span('ocr', { 'imaginem.job': 'job-1' }, async () => {
      opened?.count('imaginem.step.outcomes', { step: 'ocr', state: 'done' });
    });
    await opened.close();
    const tracks = stub.requests.filter(({ path }) => path.endsWith('/track'));
    for (const { headers } of tracks) expect(headers.authorization).toBe('Bearer a-token');
    expect(new Set(scopes.map((scope) => new URL(scope).hostname))).toEqual(new Set(['monitor.azure.com']));
    const sent = tracks.map(({ body, headers }) =>
      (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString(),
    );
    expect(sent.join('\n')).toContain('"imaginem.job":"job-1"');
    expect(sent.join('\n')).toContain('imaginem.step.outcomes');
  } finally {
    tls.setDefaultCACertificates(trusted);
    await stub.close();
  }
});

test('without Application Insights there is no telemetry at all', async () => {
  expect(await telemetryOf(readSettings({}), () => Promise.reject(new Error('asked')))).toBe(noTelemetry);
});
