import type { RequestOptionsBase } from '@azure/ms-rest-js';
import { OutageError, PipelineError, RateLimitedError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';
import type { ServiceBreaker } from '../domain/service-breaker.ts';
import { noTelemetry, type Telemetry } from '../telemetry/telemetry.ts';
import { serviceName, toVisionError, type VisionService } from './error-mapping.ts';
import { VisionCallError } from './errors.ts';
import type { RateGovernor } from './governor.ts';
import { InFlight } from './in-flight.ts';
import { type After, sleep } from './timer.ts';

/** Failures that say nothing of whose they are. */
const ALIKE = new Set(['VisionConnectionLost', 'VisionInternalError', 'VisionUnexpectedAnswer']);

/** Longest time one call may take. The SDKs have no limit of their own, and their timer is never cleared. */
const CALL_LIMIT_MS = 30_000;

/** The part of its limit within which an answer is prompt: the rest is for what the service has to do besides. */
const PROMPT_PART = 1 / 4;

interface CallerOptions {
  service: VisionService;
  governor: RateGovernor;
  clock: Clock;
  after: After;
  telemetry?: Telemetry;
  /** Tells trouble of the service from trouble with an image; none where absent. */
  breaker?: ServiceBreaker;
  callLimitMs?: number;
}

/** The part of an SDK's options that every call carries. */
interface CallOptions {
  abortSignal: NonNullable<RequestOptionsBase['abortSignal']>;
}

/** Makes one call to a service: waits for its turn, limits its time, honours the abort, names its failure. */
export class Caller {
  readonly #options: CallerOptions;
  readonly #inFlight: InFlight;

  constructor(options: CallerOptions) {
    this.#options = options;
    const { service, after, callLimitMs = CALL_LIMIT_MS } = options;
    this.#inFlight = new InFlight({
      service: serviceName(service),
      after,
      promptMs: callLimitMs * PROMPT_PART,
    });
  }

  /**
   * @param operation as people know it: it stands in error messages
   * @param send makes the SDK's call, once
   * @throws as `toVisionError` says; the signal's reason when aborted
   */
  async call<T>(
    operation: string,
    signal: AbortSignal,
    send: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { service, telemetry = noTelemetry, breaker } = this.#options;
    breaker?.admit(serviceName(service), operation);
    await this.#inFlight.enter(signal).catch((error: unknown) => {
      if (error instanceof RateLimitedError) {
        telemetry.count('imaginem.service.delays', { service, limit: 'in flight' });
      }
      throw error;
    });
    let ended: Parameters<InFlight['leave']>[0];
    try {
      return await this.#paced(operation, signal, async (options) => {
        const began = this.now();
        const result = await send(options);
        ended = this.now() - began;
        return result;
      });
    } catch (error) {
      if (isOverload(error)) ended = 'refused';
      throw error;
    } finally {
      this.#inFlight.leave(ended);
    }
  }

  async #paced<T>(
    operation: string,
    signal: AbortSignal,
    send: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { service, governor, telemetry = noTelemetry, breaker } = this.#options;
    await governor.acquire(signal).catch((error: unknown) => {
      if (error instanceof RateLimitedError) {
        telemetry.count('imaginem.service.delays', { service, limit: 'governor' });
      }
      throw error;
    });
    const counted = (outcome: string) =>
      telemetry.count('imaginem.service.calls', { service, operation, outcome });
    return telemetry.span(`${service} ${operation}`, {}, async () => {
      const result = await this.#send(operation, signal, send).catch((error: unknown) => {
        if (error instanceof RateLimitedError) {
          telemetry.count('imaginem.service.delays', { service, limit: 'service' });
        }
        if (error instanceof VisionCallError && ALIKE.has(error.code)) {
          const answered = error.code !== 'VisionConnectionLost';
          error.failedCall = { service: serviceName(service), operation, answered };
        }
        breaker?.failed(serviceName(service), operation);
        counted(error instanceof PipelineError ? error.code : 'aborted');
        throw error;
      });
      breaker?.succeeded(serviceName(service), operation);
      counted('ok');
      return result;
    });
  }

  async #send<T>(
    operation: string,
    signal: AbortSignal,
    send: (options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { service, governor, clock, after, callLimitMs = CALL_LIMIT_MS } = this.#options;
    const limit = new AbortController();
    const cancelLimit = after(callLimitMs, () => limit.abort());
    try {
      // The SDK's own type of a signal predates the platform's: the same thing at run time.
      const abortSignal = AbortSignal.any([signal, limit.signal]) as unknown as CallOptions['abortSignal'];
      return await send({ abortSignal });
    } catch (thrown) {
      signal.throwIfAborted();
      const error = toVisionError(thrown, {
        service,
        operation,
        timedOut: limit.signal.aborted,
        now: clock(),
      });
      if (error instanceof RateLimitedError) await governor.postpone(error.retryAfterMs);
      throw error;
    } finally {
      cancelLimit();
    }
  }

  /** Waits between two calls that belong together. */
  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return sleep(this.#options.after, ms, signal);
  }

  now(): number {
    return this.#options.clock();
  }
}

/** The service said that it has too much to do, or left a call without an answer. Our own governor's word is not its. */
const isOverload = (error: unknown): boolean =>
  (error instanceof RateLimitedError && error.cause !== undefined) ||
  (error instanceof OutageError && error.code === 'VisionTimeout');
