import type { CloudEvent } from './cloud-event.ts';

/** Whoever is told. */
export interface Receiver {
  /** For people: "webhook" or "Event Grid topic". */
  readonly kind: 'webhook' | 'topic';
  /**
   * Resolves once the event was taken.
   *
   * @throws {PermanentError} it will never be taken; anything else: it may be, later
   */
  send(event: CloudEvent, signal: AbortSignal): Promise<void>;
}
