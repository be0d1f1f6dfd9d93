import type { StepRecord } from '../../domain/job.ts';
import { jobKey } from '../../domain/job-id.ts';
import { isLinkedContent } from '../../domain/linked-content.ts';
import type { Clock, Log } from '../../domain/ports.ts';
import { OUTPUT_STEP } from '../../domain/step-name.ts';
import type { Registry } from '../definition/registry.ts';
import type { LinkedJob } from '../journal/job-links.ts';
import type { Journal, JournalEntry } from '../journal/journal.ts';
import type { ClaimCheck } from '../message/claim-check.ts';
import type { Message } from '../message/message.ts';

interface BroughtAlongDeps {
  journal: Journal;
  claimCheck: ClaimCheck;
  registry: Registry;
  clock: Clock;
}

/** Each lost try is a step that got further, so more than there are steps is never needed. */
const ROW_TRIES = 30;

/** Outputs of steps that a message posted by hand brings along, so that these need not run. */
export class BroughtAlong {
  readonly #deps: BroughtAlongDeps;

  constructor(deps: BroughtAlongDeps) {
    this.#deps = deps;
  }

  /** Those that have the shape their step would give them: these can meet a need. */
  outputsOf(message: Message): Record<string, StepRecord> {
    const at = new Date(this.#deps.clock()).toISOString();
    const steps: Record<string, StepRecord> = {};
    for (const [name, output] of Object.entries(message.job_output)) {
      const step = this.#deps.registry.get(name);
      if (!step || name === OUTPUT_STEP) continue;
      if (!isLinkedContent(output) && !step.schema.safeParse(output).success) continue;
      steps[name] = { state: 'done', run: message.run, seq: message.seq, at, attempts: 0, output };
    }
    return steps;
  }

  /** The same, with what is too large for the journal stored apart. */
  async kept(
    job: LinkedJob,
    steps: Readonly<Record<string, StepRecord>>,
  ): Promise<Record<string, StepRecord>> {
    const kept: Record<string, StepRecord> = {};
    for (const [name, record] of Object.entries(steps)) {
      if (this.#deps.registry.get(name)?.mentions)
        await this.#deps.journal.links.noteMentions(job, name, record.output);
      const output = await this.#deps.claimCheck.inlineOrStore(jobKey(job.id), name, record.output);
      kept[name] = { ...record, output };
    }
    return kept;
  }

  /**
   * Records the outputs that a message brings for steps of which its job has no record at all: the event of an image
   * may be quicker than a message posted by hand about it. What is recorded stays; a message of ours brings nothing new.
   */
  async adopt(entry: JournalEntry, message: Message, log: Log): Promise<JournalEntry> {
    const { journal } = this.#deps;
    let current = entry;
    for (let tries = 0; tries < ROW_TRIES; tries += 1) {
      const { job } = current;
      const isNew = (name: string) => job.steps[name] === undefined;
      if (job.end || job.run !== message.run || !Object.keys(message.job_output).some(isNew)) return current;
      const brought = passedBy(this.outputsOf(message), job.pipeline, message);
      const fresh = Object.fromEntries(Object.entries(brought).filter(([name]) => isNew(name)));
      const steps = await this.kept(job, fresh);
      if (Object.keys(steps).length === 0) return current;
      const written = await journal.update(current, { steps });
      if (written) log.info('job.outputs-adopted', { job: job.id, steps: Object.keys(steps) });
      const now = await journal.read(job.batchId, job.id);
      if (!now) return current;
      current = now;
    }
    return current;
  }
}

/** Of the outputs that a message brings: those of steps it has passed, and of steps outside its pipeline. */
export function passedBy(
  brought: Readonly<Record<string, StepRecord>>,
  pipeline: readonly string[],
  message: Message,
): Record<string, StepRecord> {
  const position = message.job_definition.processing_step;
  return Object.fromEntries(Object.entries(brought).filter(([name]) => pipeline.indexOf(name) < position));
}
