import { OutageError, PipelineError } from './errors.ts';
import type { Clock } from './ports.ts';

/** A call of a service that failed in a way that may be the image's doing as well as the service's. */
export interface FailedServiceCall {
  /** As people know it: "Computer Vision". */
  readonly service: string;
  readonly operation: string;
  /** Whether the service answered: an image can make it fail inside, but hardly cut its connections. */
  readonly answered: boolean;
}

/** What is wrong with a service now. */
export interface ServiceFailure extends FailedServiceCall {
  /** Code of the errors that are alike. */
  readonly code: string;
  /** When the first of them was met, in milliseconds since the epoch. */
  readonly since: number;
  /** When one image is let through to see, in milliseconds since the epoch. */
  readonly probeAt: number;
}

/** Within so long, in milliseconds, two images that fail alike are told from two that are bad each for itself. */
const WINDOW_MS = 60_000;

/** So many different images, none of which has succeeded in between. */
const IMAGES = 2;

/** Between two probes, in milliseconds: the first soon, for most cuts are short. */
const FIRST_PROBE_MS = 2000;
const LONGEST_PROBE_MS = 30_000;

/** A probe that has not been heard of again for so long, in milliseconds, has died with its delivery. */
const PROBE_LIMIT_MS = 90_000;

/**
 * For so long, in milliseconds, failures inside a service are no image's fault. After that they count again: the last
 * images of a batch may be bad ones all, and must not wait for a day to be told of.
 */
const PATIENCE_MS = 15 * 60_000;

interface Suspicion {
  readonly code: string;
  readonly since: number;
  readonly images: Set<string>;
}

interface Opened {
  readonly failed: FailedServiceCall;
  readonly code: string;
  readonly since: number;
  probeAt: number;
  pauseMs: number;
  /** Until when a probe is awaited. */
  probing: number | undefined;
}

/**
 * Tells a service that is in trouble from images that are, for one process: where different images fail alike at the
 * same call and none succeeds, it is the service. Then the breaker of that call is open: messages go back without an
 * attempt, one image at a time probes, and the first success closes it.
 */
export class ServiceBreaker {
  readonly #clock: Clock;
  readonly #suspicions = new Map<string, Suspicion>();
  readonly #open = new Map<string, Opened>();
  readonly #onChange: (failure: ServiceFailure, isOpen: boolean) => void;

  /** @param onChange told whenever a breaker opens, stays open after a probe, or closes; must not throw */
  constructor(clock: Clock, onChange: (failure: ServiceFailure, isOpen: boolean) => void = () => {}) {
    this.#clock = clock;
    this.#onChange = onChange;
  }

  /**
   * Lets a call through, or not.
   *
   * @throws {OutageError} where the breaker is open and this is not the probe
   */
  admit(service: string, operation: string): void {
    const open = this.#open.get(keyOf(service, operation));
    if (open === undefined) return;
    const now = this.#clock();
    const awaited = open.probing !== undefined && now < open.probing;
    if (awaited || now < open.probeAt) {
      throw outage(open, Math.max(open.probeAt - now, awaited ? FIRST_PROBE_MS : 0));
    }
    open.probing = now + PROBE_LIMIT_MS;
  }

  /** A call has succeeded: whatever was thought of the service is over. */
  succeeded(service: string, operation: string): void {
    const key = keyOf(service, operation);
    this.#suspicions.delete(key);
    const open = this.#open.get(key);
    if (open === undefined) return;
    this.#open.delete(key);
    this.#onChange(failureOf(open), false);
  }

  /** A call has failed, for whatever reason: where it was the probe, the next one waits longer. */
  failed(service: string, operation: string): void {
    const open = this.#open.get(keyOf(service, operation));
    if (open?.probing === undefined) return;
    open.probing = undefined;
    open.probeAt = this.#clock() + open.pauseMs;
    open.pauseMs = Math.min(open.pauseMs * 2, LONGEST_PROBE_MS);
    this.#onChange(failureOf(open), true);
  }

  /**
   * What an error of an image's step is to be taken for: itself, or the outage that it is a part of.
   *
   * @param error anything thrown; one about a call of a service carries `failedCall`
   */
  judge(error: unknown, image: string): unknown {
    const failed = failedCallOf(error);
    if (failed === undefined) return error;
    const { code } = error as PipelineError;
    const key = keyOf(failed.service, failed.operation);
    const now = this.#clock();
    const open = this.#open.get(key) ?? this.#suspect(key, failed, code, image, now);
    if (open === undefined) return error;
    if (failed.answered && now - open.since > PATIENCE_MS) return error;
    return outage(open, Math.max(open.probeAt - now, 0), error);
  }

  /** What is wrong now, as far as this process has seen. */
  failures(): ServiceFailure[] {
    return [...this.#open.values()].map(failureOf);
  }

  #suspect(
    key: string,
    failed: FailedServiceCall,
    code: string,
    image: string,
    now: number,
  ): Opened | undefined {
    const known = this.#suspicions.get(key);
    const alike = known !== undefined && known.code === code && now - known.since <= WINDOW_MS;
    const suspicion = alike ? known : { code, since: now, images: new Set<string>() };
    suspicion.images.add(image);
    this.#suspicions.set(key, suspicion);
    if (suspicion.images.size < IMAGES) return undefined;
    this.#suspicions.delete(key);
    const { since } = suspicion;
    const open: Opened = {
      failed,
      code,
      since,
      probeAt: now + FIRST_PROBE_MS,
      pauseMs: FIRST_PROBE_MS,
      probing: undefined,
    };
    this.#open.set(key, open);
    this.#onChange(failureOf(open), true);
    return open;
  }
}

const keyOf = (service: string, operation: string): string => `${service}/${operation}`;

const failureOf = ({ failed, code, since, probeAt }: Opened): ServiceFailure => ({
  ...failed,
  code,
  since,
  probeAt,
});

/** What an open breaker is called, in a sentence: in the journal, in health, on the page. */
export const sentenceOf = ({
  service,
  operation,
  code,
}: Pick<ServiceFailure, 'service' | 'operation' | 'code'>): string =>
  `${service} fails alike for different images (${operation}, ${code}): it is taken for the service's trouble. Messages wait, no attempt is counted, and one image at a time probes it.`;

function outage({ failed, code }: Opened, retryAfterMs: number, cause?: unknown): OutageError {
  return new OutageError(sentenceOf({ ...failed, code }), { code: 'ServiceFailing', retryAfterMs, cause });
}

function failedCallOf(error: unknown): FailedServiceCall | undefined {
  if (!(error instanceof PipelineError)) return undefined;
  return (error as { failedCall?: FailedServiceCall }).failedCall;
}
