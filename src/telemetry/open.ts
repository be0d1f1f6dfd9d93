import type { Identity } from '../domain/identity.ts';
import type { Settings } from '../domain/settings.ts';
import { noTelemetry, type Telemetry } from './telemetry.ts';

/** The telemetry that the settings ask for: to Application Insights, or none, and then nothing of it is loaded. */
export async function telemetryOf(settings: Settings, identity: Identity): Promise<Telemetry> {
  const connectionString = settings.APPLICATIONINSIGHTS_CONNECTION_STRING;
  if (connectionString === undefined) return noTelemetry;
  const [{ openTelemetry }, { applicationInsights }] = await Promise.all([
    import('./open-telemetry.ts'),
    import('./application-insights.ts'),
  ]);
  const byIdentity = /(^|;)\s*Authorization\s*=\s*AAD\s*(;|$)/i.test(
    settings.APPLICATIONINSIGHTS_AUTHENTICATION_STRING ?? '',
  );
  return openTelemetry({
    ...applicationInsights({ connectionString, identity: byIdentity ? identity : undefined }),
    traceRatio: settings.TRACE_RATIO,
  });
}
