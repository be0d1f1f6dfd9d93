import {
  type Context,
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  type Link,
  ROOT_CONTEXT,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  BatchSpanProcessor,
  ParentBasedSampler,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { METRICS, type Metric, type Telemetry } from './telemetry.ts';

/** One series a minute and instance: figures are for curves, not for single images. */
const METRICS_EVERY_MS = 60_000;

interface OpenTelemetryOptions {
  spans: SpanExporter;
  metrics: PushMetricExporter;
  /** Share of traces that are kept, 0 to 1: decided once for each image, at its admission. */
  traceRatio: number;
}

const propagator = new W3CTraceContextPropagator();

/**
 * Telemetry by OpenTelemetry's SDK. Takes the place of a process's context manager, so there is one of it in a process.
 */
export function openTelemetry({ spans, metrics, traceRatio }: OpenTelemetryOptions): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': 'imaginem' });
  const traces = new BasicTracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(traceRatio) }),
    spanProcessors: [new BatchSpanProcessor(spans)],
  });
  const meters = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({ exporter: metrics, exportIntervalMillis: METRICS_EVERY_MS }),
    ],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const tracer = traces.getTracer('imaginem');
  const meter = meters.getMeter('imaginem');
  const counters = new Map(
    Object.entries(METRICS).map(([name, description]) => [
      name as Metric,
      meter.createCounter(name, { description }),
    ]),
  );
  return {
    span(name, attributes, work, origin = {}) {
      const active = context.active();
      const parent = trace.getSpan(active) ? active : contextOf(origin.traceparent);
      const link = trace.getSpanContext(contextOf(origin.invocation));
      const links: Link[] = link ? [{ context: link }] : [];
      return tracer.startActiveSpan(name, { attributes, links }, parent, async (span) => {
        try {
          return await work({
            traceparent: traceparentOf(trace.setSpan(ROOT_CONTEXT, span)),
            note: (more) => span.setAttributes(more),
          });
        } catch (error) {
          // The class only: a message may quote what an SDK was given.
          span.setStatus({
            code: SpanStatusCode.ERROR,
            message: error instanceof Error ? error.name : 'Error',
          });
          throw error;
        } finally {
          span.end();
        }
      });
    },
    count: (metric, attributes) => counters.get(metric)?.add(1, attributes),
    close: async () => {
      // Whoever stops an app must not be held up by its telemetry.
      await Promise.allSettled([traces.shutdown(), meters.shutdown()]);
      context.disable();
    },
  };
}

function contextOf(traceparent: string | undefined): Context {
  return propagator.extract(ROOT_CONTEXT, { traceparent }, defaultTextMapGetter);
}

function traceparentOf(from: Context): string | undefined {
  const carrier: Record<string, string> = {};
  propagator.inject(from, carrier, defaultTextMapSetter);
  return carrier.traceparent;
}
