import { type Identity, openIdentity } from '../domain/identity.ts';
import type { Clock, Log } from '../domain/ports.ts';
import { recognitionOf } from '../domain/recognition.ts';
import type { ServiceBreaker } from '../domain/service-breaker.ts';
import type { Settings } from '../domain/settings.ts';
import { tables } from '../storage/names.ts';
import type { Tables } from '../storage/tables.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { Caller } from './call.ts';
import { type ComputerVision, openComputerVision } from './computer-vision.ts';
import type { VisionService } from './error-mapping.ts';
import { type Face, openFace } from './face.ts';
import { RateGovernor } from './governor.ts';
import { tableThrottle } from './throttle.ts';
import { type After, realAfter } from './timer.ts';

export interface VisionDependencies {
  storage: { readonly tables: Tables };
  clock: Clock;
  log: Log;
  /** Signs in where no key is set. */
  identity?: Identity;
  telemetry?: Telemetry;
  breaker?: ServiceBreaker;
  after?: After;
  /** Longest time of one call, in milliseconds. */
  callLimitMs?: number;
}

export interface Vision {
  readonly computerVision: ComputerVision;
  readonly face: Face;
}

/**
 * The vision services of this process. Open it once: the rate governor counts the calls of one `Vision`. Nothing is
 * loaded or connected before the first call; a missing endpoint is a `SettingsError` then.
 */
export function openVision(settings: Settings, dependencies: VisionDependencies): Vision {
  const { storage, clock, log, telemetry = noTelemetry, after = realAfter, callLimitMs } = dependencies;
  const { breaker } = dependencies;
  const { identity = openIdentity(settings.AZURE_CLIENT_ID) } = dependencies;
  const credential = () => identity();
  const caller = (service: VisionService, callsPerSecond: number): Caller => {
    const shared = tableThrottle(storage.tables.table(tables.throttle), service);
    const governor = new RateGovernor({ service, callsPerSecond, shared, clock, after, log });
    return new Caller({
      service,
      governor,
      clock,
      after,
      telemetry,
      ...(breaker && { breaker }),
      ...(callLimitMs !== undefined && { callLimitMs }),
    });
  };
  return {
    computerVision: openComputerVision(
      {
        service: 'Computer Vision',
        endpoint: settings.COMPUTER_VISION_ENDPOINT,
        setting: 'COMPUTER_VISION_ENDPOINT',
        key: settings.COMPUTER_VISION_KEY,
        credential,
      },
      caller('computerVision', settings.COMPUTER_VISION_CALLS_PER_SECOND),
    ),
    face: openFace(
      {
        service: 'Face',
        endpoint: settings.FACE_ENDPOINT,
        setting: 'FACE_ENDPOINT',
        key: settings.FACE_KEY,
        credential,
      },
      caller('face', settings.FACE_CALLS_PER_SECOND),
      recognitionOf(settings),
    ),
  };
}
