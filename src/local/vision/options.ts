import { randomUUID } from 'node:crypto';
import type { Clock, Log } from '../../domain/ports.ts';
import { silentLog } from '../../domain/ports.ts';
import type { Analyzer } from './analysis.ts';

const MB = 1024 * 1024;

/** The services' limits (the S0 and S1 tiers, except where noted). Tests set some lower. */
export interface EngineLimits {
  /** Computer Vision: below 4 MB, larger than 50 x 50 and smaller than 16,000 x 16,000 pixels. */
  visionMaxBytes: number;
  /** Read: the service takes 500 MB; the engine holds an image in memory and stops earlier. */
  readMaxBytes: number;
  /** Face: 1 KB to 6 MB. */
  faceMinBytes: number;
  faceMaxBytes: number;
  faceLists: number;
  facesPerFaceList: number;
  largeFaceLists: number;
  facesPerLargeFaceList: number;
}

export const SERVICE_LIMITS: EngineLimits = {
  visionMaxBytes: 4 * MB - 1,
  readMaxBytes: 50 * MB,
  faceMinBytes: 1024,
  faceMaxBytes: 6 * MB,
  faceLists: 64,
  facesPerFaceList: 1000,
  largeFaceLists: 64,
  facesPerLargeFaceList: 1_000_000,
};

export interface EngineOptions {
  /** Stays the caller's: the engine does not close it. */
  analyzer: Analyzer;
  /** Where lists, face ids and read results live; undefined keeps them in memory. */
  dataDir?: string;
  /** Whether the account is approved for face recognition; true by default. */
  limitedAccess?: boolean;
  /** `host` or `host:port` from which image URLs are fetched; none by default. */
  trustedImageHosts?: readonly string[];
  /** Key that every call must bring; by default any is accepted. */
  key?: string;
  /** Images the analyzer works on at once: its worker threads; 1 by default. */
  workers?: number;
  /** Answers 429 when a call would be answered later, in milliseconds; 20,000 by default, for clients wait for 30. */
  answerWithinMs?: number;
  /** Answers 429 beyond this many calls in a second, counted for each of the two services. */
  callsPerSecond?: number;
  /** How long the training of a LargeFaceList takes, by the clock; 1,000 by default. */
  trainingMs?: number;
  /** How long the result of a Read operation is kept; 24 hours by default. */
  readResultMs?: number;
  /** Reads every picture as a page: small print on photographs, too, for twice the time; false by default. */
  readThoroughly?: boolean;
  limits?: Partial<EngineLimits>;
  clock?: Clock;
  /** Makes UUIDs. */
  newId?: () => string;
  log?: Log;
}

/** Options with every default filled in: what the routes are made from. */
export interface EngineSettings {
  analyzer: Analyzer;
  limitedAccess: boolean;
  trustedHosts: ReadonlySet<string>;
  trainingMs: number;
  readResultMs: number;
  readThoroughly: boolean;
  limits: EngineLimits;
  clock: Clock;
  newId: () => string;
  log: Log;
}

export function toSettings(options: EngineOptions): EngineSettings {
  return {
    analyzer: options.analyzer,
    limitedAccess: options.limitedAccess ?? true,
    trustedHosts: new Set((options.trustedImageHosts ?? []).map((host) => host.toLowerCase())),
    trainingMs: options.trainingMs ?? 1000,
    readResultMs: options.readResultMs ?? 24 * 60 * 60 * 1000,
    readThoroughly: options.readThoroughly ?? false,
    limits: { ...SERVICE_LIMITS, ...options.limits },
    clock: options.clock ?? Date.now,
    newId: options.newId ?? randomUUID,
    log: options.log ?? silentLog,
  };
}
