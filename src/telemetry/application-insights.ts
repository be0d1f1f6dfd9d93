import type { AzureMonitorExporterOptions } from '@azure/monitor-opentelemetry-exporter';
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { AggregationTemporality, type PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { Identity } from '../domain/identity.ts';

interface ApplicationInsightsOptions {
  connectionString: string;
  /** Signs in, where the resource takes no key. */
  identity: Identity | undefined;
}

type Exporter<T> = {
  export(batch: T, done: (result: ExportResult) => void): void;
  shutdown(): Promise<void>;
};

/**
 * Exporters to Application Insights. Microsoft's package is loaded with the first batch, seconds after the first
 * message has been handled: it is the largest thing that this app loads, and no message waits for it.
 */
export function applicationInsights(options: ApplicationInsightsOptions): {
  spans: SpanExporter;
  metrics: PushMetricExporter;
} {
  const load = async () => {
    // Its reports on itself to its makers: nobody asked the people who run this app.
    process.env.APPLICATION_INSIGHTS_NO_STATSBEAT ??= 'true';
    const [exporters, credential] = await Promise.all([
      import('@azure/monitor-opentelemetry-exporter'),
      options.identity?.(),
    ]);
    const settings: AzureMonitorExporterOptions = {
      connectionString: options.connectionString,
      // A disk that others may read is no place for what waits.
      disableOfflineStorage: true,
      ...(credential && { credential }),
    };
    return { exporters, settings };
  };
  const spans = lazily(async () => {
    const { exporters, settings } = await load();
    return new exporters.AzureMonitorTraceExporter(settings);
  });
  const metrics = lazily(async () => {
    const { exporters, settings } = await load();
    return new exporters.AzureMonitorMetricExporter(settings);
  });
  return {
    spans,
    metrics: {
      ...metrics,
      forceFlush: async () => {},
      // What Azure Monitor adds up; the exporter would say so itself, were it loaded by then.
      selectAggregationTemporality: () => AggregationTemporality.DELTA,
    },
  };
}

/** An exporter that is opened by its first batch. One that cannot be opened loses batches, never work. */
function lazily<T>(open: () => Promise<Exporter<T>>): Exporter<T> {
  let opening: Promise<Exporter<T>> | undefined;
  return {
    export(batch, done) {
      opening ??= open();
      opening.then(
        (exporter) => exporter.export(batch, done),
        (error: unknown) => {
          opening = undefined;
          done({ code: ExportResultCode.FAILED, error: error as Error });
        },
      );
    },
    shutdown: async () => (await opening?.catch(() => undefined))?.shutdown(),
  };
}
