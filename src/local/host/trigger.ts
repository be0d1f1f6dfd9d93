/** A trigger that is set up and checked, not yet running. */
export interface Trigger {
  start(): void;
  /** No new invocations; resolves when those under way have ended. */
  stop(): Promise<void>;
}
