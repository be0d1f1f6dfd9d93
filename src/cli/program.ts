import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import type { CommandContext } from './command.ts';
import { commandsFor } from './commands.ts';
import type { Connection } from './connect.ts';
import { CliError, EXIT, sentenceOf } from './errors.ts';
import type { Screen } from './format/screen.ts';
import { PROJECT } from './paths.ts';

interface ProgramOutside {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly screen: Screen;
  /** Takes what went wrong, in a sentence. */
  readonly complain: (text: string) => void;
  readonly signal: AbortSignal;
  /** Asks the person one question; absent where nobody is at a terminal. */
  readonly ask?: (question: string) => Promise<string>;
}

/**
 * Runs one command line.
 *
 * @param argv what follows the script
 * @returns the exit code: 0 ok, 1 failed, 2 wrong usage
 */
export async function run(argv: readonly string[], outside: ProgramOutside): Promise<number> {
  const { env, screen, complain, signal } = outside;
  let exitCode: number = EXIT.ok;
  let connection: Connection | undefined;
  let command = '';
  const program = new Command('imaginem')
    .description('Photographs in, rows out.')
    .version(version(), '-V, --version')
    .option('--data <folder>', 'data folder of the local instance (default: IMAGINEM_DATA, or .imaginem)')
    .addHelpText(
      'after',
      '\nWorks on the local instance ("npm start") or else on the deployment whose app settings are in the environment.\nExit codes: 0 ok, 1 failed, 2 wrong usage.',
    );
  const context: CommandContext = {
    screen,
    connect: async () => {
      const { connect } = await import('./connect.ts');
      connection ??= await connect(program.opts<{ data?: string }>(), env);
      return connection;
    },
    signal,
    ask: outside.ask,
    exitWith: (code) => {
      exitCode = code;
    },
  };
  // Before the commands are added: they inherit both.
  program
    .exitOverride()
    .showHelpAfterError(SEE_HELP)
    .showSuggestionAfterError()
    .hook('preAction', (_, asked) => {
      command = nameOf(asked);
    })
    .configureOutput({
      writeOut: (text) => screen.line(text.trimEnd()),
      writeErr: (text) => complain(text.trimEnd().replaceAll(SEE_HELP, seeHelp(commandIn(argv, program)))),
    });
  for (const add of await Promise.all(commandsFor(argv).map(({ load }) => load()))) add(program, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return signal.aborted ? 130 : exitCode;
  } catch (error) {
    if (isUsage(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (signal.aborted) return 130;
    complain(sentenceOf(error));
    const code = error instanceof CliError ? error.exitCode : EXIT.failed;
    if (code === EXIT.usage) complain(seeHelp(command));
    return code;
  } finally {
    screen.close();
    await connection?.close();
  }
}

const SEE_HELP = '(see --help)';
const seeHelp = (command: string) => `See "${['imaginem', command, '--help'].filter(Boolean).join(' ')}".`;

/** "poison list", without what it is a command of. */
function nameOf(command: Command): string {
  const above = command.parent;
  return above?.parent ? `${nameOf(above)} ${command.name()}` : command.name();
}

/** The command that a command line is about as far as can be told before it is read, or nothing. */
function commandIn(argv: readonly string[], program: Command): string {
  let found = program;
  for (const word of argv) found = found.commands.find((one) => one.name() === word) ?? found;
  return found === program ? '' : nameOf(found);
}

function version(): string {
  const text = readFileSync(path.join(PROJECT, 'package.json'), 'utf8');
  return String((JSON.parse(text) as { version: unknown }).version);
}

/** Commander has said itself what is wrong, or has shown its help. */
const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
