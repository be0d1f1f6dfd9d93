import type { Log } from '../../domain/ports.ts';

/** What the queue says about this delivery of a message. */
export interface Delivery {
  /** 1 at first; more where an earlier delivery did not end. */
  dequeueCount: number;
  log: Log;
  signal: AbortSignal;
  /** W3C trace context of the host's invocation, where it gives one. */
  traceparent?: string | undefined;
}
