import type { Code, OwnCode } from './error-codes.ts';

/**
 * The error taxonomy, which *is* the retry policy: the class of an error, not the place that catches it, decides
 * what happens to the message that met it.
 *
 * | Class | What the pipeline does |
 * |---|---|
 * | `PermanentError` | records the step as failed, the job moves on |
 * | `UnavailableError` | records the step as unavailable (a policy, not a failure), the job moves on |
 * | `RateLimitedError` | puts the message back after `retryAfterMs`; not an attempt |
 * | `OutageError` | puts the message back with back-off; not an attempt, until OUTAGE_LIMIT |
 * | `ContractError` | poison at once, with the reason |
 * | `ImageChangedError` | the job ends as `superseded` or `gone` |
 * | anything else | transient: back-off until the attempt limit, then a recorded failure |
 *
 * Messages are shown to operators and stored: they carry ids and codes, never personal data.
 */
export abstract class PipelineError extends Error {
  /** Stable, machine-readable, PascalCase: what dashboards filter by. */
  readonly code: string;

  constructor(code: Code, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** Trying again cannot help: a bad image, a refused request. */
export class PermanentError extends PipelineError {}

/** The step may not run here by policy (no Limited Access approval, switched off by a setting). */
export class UnavailableError extends PipelineError {}

/** The message itself is wrong: it does not parse, or contradicts what is recorded about its job. */
export class ContractError extends PipelineError {
  constructor(message: string, options?: ErrorOptions & { code?: Code }) {
    super(options?.code ?? 'ContractError', message, options);
  }
}

/** A service asks for fewer calls (HTTP 429), or our own governor does. */
export class RateLimitedError extends PipelineError {
  /** Milliseconds to wait before the next try. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number, options?: ErrorOptions & { code?: Code }) {
    super(options?.code ?? 'RateLimited', message, options);
    this.retryAfterMs = retryAfterMs;
  }
}

/** A service cannot be reached or says it is down (refused connection, 503, time-out, a wrong key). */
export class OutageError extends PipelineError {
  /** Milliseconds the service asked to wait, where it said so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: ErrorOptions & { code?: Code; retryAfterMs?: number }) {
    super(options?.code ?? 'ServiceUnavailable', message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** The input blob is not the version this job was admitted with. */
export class ImageChangedError extends PipelineError {
  readonly end: 'superseded' | 'gone';

  constructor(end: 'superseded' | 'gone', options?: ErrorOptions) {
    super(
      end === 'gone' ? 'ImageGone' : 'ImageSuperseded',
      end === 'gone'
        ? 'There is no such image any more: it was deleted from its container, or its host does not have it.'
        : 'The image was overwritten by a newer version after this job was admitted; the newer one has a job of its own.',
      options,
    );
    this.end = end;
  }
}

/** A reason in one of our own codes. */
export const reason = (code: OwnCode, message: string): RecordedError => ({ code, message });

/** What is recorded of an error: in the journal, in `job_errors`, in a dead letter. */
export interface RecordedError {
  code: string;
  message: string;
}

/** Characters of a recorded message: a table property takes 32 Ki, a person far less. */
const LONGEST = 1000;

/**
 * Makes anything thrown fit to be stored and shown. Messages of foreign errors may quote data (a URL with a query, a
 * piece of a response), so only the class of an unknown error is kept together with its system code.
 */
export function toRecordedError(thrown: unknown): RecordedError {
  if (thrown instanceof PipelineError) {
    const { code, message } = thrown;
    return { code, message: message.length <= LONGEST ? message : `${message.slice(0, LONGEST)} ...` };
  }
  if (thrown instanceof Error) {
    const { code, statusCode } = thrown as { code?: unknown; statusCode?: unknown };
    const detail = [
      typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? code : undefined,
      typeof statusCode === 'number' ? `HTTP ${statusCode}` : undefined,
    ].filter((part) => part !== undefined);
    return reason(
      'UnexpectedError',
      `${thrown.name}${detail.length > 0 ? ` (${detail.join(', ')})` : ''}: see the log of this invocation.`,
    );
  }
  return reason('UnexpectedError', 'Something that is not an Error was thrown.');
}
