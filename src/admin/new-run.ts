import type { Job } from '../domain/job.ts';
import { OUTPUT_STEP } from '../domain/step-name.ts';
import type { Registry } from '../pipeline/definition/registry.ts';
import { messageFor, nextPosition } from '../pipeline/journal/next-message.ts';
import type { Message } from '../pipeline/message/message.ts';
import { parseMessage } from '../pipeline/message/message.ts';

/** The job's pipeline with `step` in it, and what `step` needs, in front of the output step. */
export function pipelineWith(job: Job, step: string, registry: Registry): string[] {
  const pipeline = job.pipeline.filter((name) => name !== OUTPUT_STEP);
  const add = (name: string): void => {
    if (pipeline.includes(name) || name === OUTPUT_STEP) return;
    for (const need of registry.get(name)?.needs ?? []) {
      // What the job's first message brought along meets a need as it is.
      if (job.steps[need]?.state !== 'done') add(need);
    }
    pipeline.push(name);
  };
  add(step);
  return [...pipeline, OUTPUT_STEP];
}

/**
 * The steps that a new run does again: those wanted, what they need where that has no output, every step that needs one
 * of these, and those that never came to an outcome. In the pipeline's order, without the output step, which every run
 * does.
 */
export function stepsToRun(
  job: Job,
  pipeline: readonly string[],
  wanted: readonly string[],
  registry: Registry,
): string[] {
  const again = new Set<string>();
  const lacking = (name: string): void => {
    if (again.has(name)) return;
    again.add(name);
    for (const need of registry.get(name)?.needs ?? []) {
      if (pipeline.includes(need) && job.steps[need]?.state !== 'done') lacking(need);
    }
  };
  for (const name of wanted) lacking(name);
  for (const name of pipeline) {
    const record = job.steps[name];
    const unsettled = !record || record.state === 'waiting';
    // Needs stand in front of what needs them, so one pass finds all.
    if (unsettled || registry.get(name)?.needs.some((need) => again.has(need))) again.add(name);
  }
  return pipeline.filter((name) => name !== OUTPUT_STEP && again.has(name));
}

/** A message that opens a new run, and the queue it goes to. */
interface NewRun {
  queue: string;
  message: Message;
}

/**
 * Opens a new run of a job: run = the row's run + 1 at this moment. The row takes the run over when the message is
 * delivered, so that two who ask at once send the same run, of which one does the work and the other adopts it.
 *
 * @param steps what to do again; everything where the image was rejected, for no step has seen it
 * @param template the message to continue, for its unknown fields; a new one where absent
 */
export function newRun(
  job: Job,
  pipeline: readonly string[],
  steps: readonly string[],
  template?: Message,
): NewRun {
  const { end, ...rest } = job;
  const opened: Job = { ...rest, pipeline: [...pipeline] };
  const run = Math.max(job.run + 1, template?.run ?? 0);
  const message = parseMessage({
    ...template,
    job_definition: {
      ...template?.job_definition,
      id: job.id,
      batch_id: job.batchId,
      input: { image_url: job.imageUrl, ...template?.job_definition.input },
    },
    job_output: { ...template?.job_output, ...outsideOutputs(opened) },
    run,
    rerun_steps: end ? undefined : [...steps],
  });
  const position = nextPosition(opened, message, 0);
  return { queue: pipeline[position] ?? OUTPUT_STEP, message: messageFor(opened, message, position, 0) };
}

/** Outputs of steps outside the pipeline, which the first message of the job brought along. */
function outsideOutputs({ steps, pipeline }: Job): Record<string, unknown> {
  const brought = Object.entries(steps).filter(
    ([name, { output }]) => !pipeline.includes(name) && output !== undefined,
  );
  return Object.fromEntries(brought.map(([name, { output }]) => [name, output]));
}
