import type { Log } from '../../domain/ports.ts';
import { type RemoveJobDeps, removeJob } from '../journal/remove-job.ts';
import type { Message } from '../message/message.ts';

/** What becomes of a message whose job has been erased: first goes what an earlier delivery may have written, then it. */
export class Discarder {
  readonly #deps: RemoveJobDeps;

  constructor(deps: RemoveJobDeps) {
    this.#deps = deps;
  }

  isErased(jobId: string): Promise<boolean> {
    return this.#deps.journal.tombstones.has(jobId);
  }

  /** Discards the message where its job has been erased. @returns whether it was */
  async discardWhere(message: Message, step: string, context: { log: Log; signal: AbortSignal }) {
    const erased = await this.isErased(message.job_definition.id);
    if (erased) await this.discard(message, step, context);
    return erased;
  }

  async discard(message: Message, step: string, context: { log: Log; signal: AbortSignal }): Promise<void> {
    const { id, batch_id: batchId } = message.job_definition;
    await removeJob({ id, batchId }, this.#deps, context);
    context.log.info('message.erased', { job: id, step });
  }
}
