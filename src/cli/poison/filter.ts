import type { Command } from 'commander';
import type { LetterFilter } from '../../admin/select-letters.ts';
import { CliError, EXIT } from '../errors.ts';

/** The options by which the poison commands choose dead letters. */
export interface FilterOptions {
  step?: string;
  code?: string;
  batch?: string;
  all?: boolean;
}

export const addFilter = (command: Command): Command =>
  command
    .option('--step <queue>', 'only of this step, or of the queue inputimages-events')
    .option('--code <code>', 'only with this error code')
    .option('--batch <id>', 'only of this batch');

/**
 * What a command that changes something acts on: never all by accident.
 *
 * @throws {CliError} where nothing is chosen
 */
export function chosen(ids: readonly string[], options: FilterOptions): LetterFilter {
  const { step, code, batch, all } = options;
  if (ids.length === 0 && step === undefined && code === undefined && batch === undefined && !all) {
    throw new CliError(
      'Say which dead letters: their ids, --step, --code, --batch, or --all. "imaginem poison list" shows them.',
      EXIT.usage,
    );
  }
  return { ids, step, code, batch };
}
