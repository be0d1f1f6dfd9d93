import { Command } from 'commander';

/**
 * The command line of a script that npm runs: `--help` says what it takes, a wrong one ends the process with exit code 2
 * and a sentence in place of a stack trace.
 */
export function commandLine(script: string, description: string): Command {
  return new Command(`npm run ${script} --`).description(description).exitOverride(({ exitCode }) => {
    process.exit(exitCode === 0 ? 0 : 2);
  });
}

/** @throws {never} ends the process with exit code 2 where the text is not a number of at least 1 */
export function atLeastOne(command: Command, option: string, text: string): number {
  const value = Number(text);
  if (value >= 1) return value;
  return command.error(`error: ${option} takes a number of 1 or more, not "${text}".`, { exitCode: 2 });
}
