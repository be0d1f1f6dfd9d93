import { ContractError } from '../../domain/errors.ts';
import type { Registry } from './registry.ts';

/**
 * Refuses a pipeline of a message that could not be run.
 *
 * @param given names of outputs that the job brings along
 * @throws {ContractError} `BadPipeline`, with every fault
 */
export function requireRunnable(
  pipeline: readonly string[],
  registry: Registry,
  given?: ReadonlySet<string>,
): void {
  const faults = registry.faults(pipeline, given);
  if (faults.length === 0) return;
  throw new ContractError(`processing_pipeline: ${faults.join(' Also, ')}`, { code: 'BadPipeline' });
}
