import type { Command } from 'commander';
import type { Connection } from './connect.ts';
import type { Screen } from './format/screen.ts';

/** What a command is given by the program. */
export interface CommandContext {
  readonly screen: Screen;
  /** Connects to what `--data` and the environment name; closed by the program. */
  connect(): Promise<Connection>;
  /** Ends when the person asks to stop. */
  readonly signal: AbortSignal;
  /** Asks the person one question; undefined where nobody is at a terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  /** The exit code where it is not 0: a failure that needs no sentence of its own. */
  exitWith(code: number): void;
}

/** Adds one command to the program. */
export type AddCommand = (program: Command, context: CommandContext) => void;

/** The end of a command's --help. */
export function examples(...lines: readonly string[]): string {
  return `\n${lines.length === 1 ? 'Example' : 'Examples'}:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
