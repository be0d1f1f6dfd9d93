import { reason } from '../../domain/errors.ts';
import type { JobEnd } from '../../domain/job.ts';
import type { Settings } from '../../domain/settings.ts';
import { withOutput } from '../../domain/step-name.ts';
import type { Registry } from '../definition/registry.ts';
import { requireRunnable } from '../definition/require-runnable.ts';
import type { Message } from '../message/message.ts';
import { PIPELINE_METADATA } from './examine.ts';

/**
 * The pipeline a message asks for: its own, or today's `PIPELINE_DEFINITION`, with the output step at the end.
 *
 * @param given names of outputs that the message brings along
 * @throws {ContractError} with every fault
 */
export function pipelineAskedIn(
  message: Message,
  given: ReadonlySet<string>,
  { registry, settings }: { registry: Registry; settings: Settings },
): string[] {
  const asked = message.job_definition.processing_pipeline;
  if (!asked) return registry.definition(settings.PIPELINE_DEFINITION);
  const pipeline = withOutput(asked);
  requireRunnable(pipeline, registry, given);
  return pipeline;
}

/** The pipeline that a blob's metadata name; a wrong one ends the job as rejected, in a row that says so. */
export function pipelineNamedIn(
  metadata: string,
  registry: Registry,
): { pipeline: string[] } | { end: JobEnd } {
  const pipeline = withOutput(metadata.split(',').map((name) => name.trim()));
  const faults = registry.faults(pipeline);
  if (faults.length === 0) return { pipeline };
  const message = `The metadata "${PIPELINE_METADATA}" of the blob: ${faults.join(' Also, ')}`;
  return { end: { kind: 'rejected', reason: reason('BadPipeline', message) } };
}
