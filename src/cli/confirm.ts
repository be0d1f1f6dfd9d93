import type { CommandContext } from './command.ts';
import { CliError, EXIT } from './errors.ts';

/** The option of every command that changes several images. */
export const YES_OPTION = ['--yes', 'without asking'] as const;

/** Yes, in the ways people type it. */
const YES = /^\s*(y|yes)\s*$/i;

interface Question {
  /** What would be done, as a sentence: it is told where nobody can be asked, too. */
  does: string;
  /** The option by which it is said beforehand. */
  option?: string;
}

/**
 * Asks before what changes several images, or says for good what one ought to have been asked: everywhere alike. With
 * nobody at a terminal the option has to say it.
 *
 * @throws {CliError} where it is not said, or nobody is there to say it
 */
export async function confirm(
  { does, option = '--yes' }: Question,
  said: boolean | undefined,
  { ask, screen }: Pick<CommandContext, 'ask' | 'screen'>,
): Promise<void> {
  if (said) return;
  if (!ask)
    throw new CliError(`${does} Nobody is at a terminal to say yes to that: add ${option}.`, EXIT.usage);
  screen.line(does);
  if (!YES.test(await ask('Go on? (y/N) '))) throw new CliError('Nothing was done.');
}

/** As `confirm`, for what is gone afterwards: the word has to be typed. @throws {CliError} */
export async function confirmByWord(
  does: string,
  word: string,
  said: boolean | undefined,
  { ask, screen }: Pick<CommandContext, 'ask' | 'screen'>,
): Promise<void> {
  if (said) return;
  if (!ask) throw new CliError(`${does} Nobody is at a terminal to say yes to that: add --yes.`, EXIT.usage);
  screen.line(does);
  if ((await ask(`Type "${word}" to go on: `)).trim() !== word) throw new CliError('Nothing was done.');
}
