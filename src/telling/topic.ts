import { EventGridPublisherClient, type EventGridPublisherClientOptions } from '@azure/eventgrid';
import type { TokenCredential } from '@azure/identity';
import { OutageError, PipelineError, RateLimitedError } from '../domain/errors.ts';
import { parseRetryAfter } from '../domain/retry-after.ts';
import type { CloudEvent } from './cloud-event.ts';
import type { Receiver } from './receiver.ts';

/** Milliseconds for one event. */
const TIMEOUT_MS = 15_000;

/** Publishes events to an Event Grid topic whose input schema is CloudEvents 1.0, signed in by identity. */
export class Topic implements Receiver {
  readonly kind = 'topic';
  readonly #client: EventGridPublisherClient<'CloudEvent'>;

  /** @param options for a server on this machine that plays the topic */
  constructor(endpoint: string, credential: TokenCredential, options: EventGridPublisherClientOptions = {}) {
    // The outbox is what sends again: tries within tries would hold its lease for too long.
    const retryOptions = { maxRetries: 0 };
    this.#client = new EventGridPublisherClient(endpoint, 'CloudEvent', credential, {
      ...options,
      retryOptions,
    });
  }

  async send({ specversion: _, time, ...event }: CloudEvent, signal: AbortSignal): Promise<void> {
    const abortSignal = AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]);
    try {
      await this.#client.send([{ ...event, time: new Date(time) }], { abortSignal });
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      throw toTopicError(thrown);
    }
  }
}

/** What may be told of an error of the client: its text can quote what was sent. */
function toTopicError(thrown: unknown): PipelineError {
  if (thrown instanceof PipelineError) return thrown;
  const { statusCode, code, response } = thrown as {
    statusCode?: number;
    code?: unknown;
    response?: { headers?: { get(name: string): string | undefined } };
  };
  const wait = parseRetryAfter(response?.headers?.get('retry-after'), Date.now());
  if (statusCode === 429)
    return new RateLimitedError('The Event Grid topic asks for fewer events (HTTP 429).', wait ?? 0, {
      code: 'TopicRateLimited',
    });
  const what =
    statusCode === 401 || statusCode === 403
      ? `refused the app's identity (HTTP ${statusCode}): assign it the role "EventGrid Data Sender" on the topic`
      : statusCode !== undefined
        ? `did not take the event (HTTP ${statusCode})`
        : `cannot be reached${typeof code === 'string' && /^[\w.-]{1,64}$/.test(code) ? ` (${code})` : ''}`;
  return new OutageError(`The Event Grid topic ${what}.`, {
    code: 'TopicFailed',
    cause: thrown,
    ...(wait !== undefined && { retryAfterMs: wait }),
  });
}
