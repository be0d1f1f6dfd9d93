import { Command } from 'commander';
import type { AddCommand, CommandContext } from './command.ts';
import { addAudit } from './commands/audit.ts';
import { addBatch } from './commands/batch.ts';
import { addClear } from './commands/clear.ts';
import { addConnectionString } from './commands/connection-string.ts';
import { addData } from './commands/data.ts';
import { addDecisions } from './commands/decisions.ts';
import { addDoctor } from './commands/doctor.ts';
import { addErase } from './commands/erase.ts';
import { addExport } from './commands/export.ts';
import { addMatches } from './commands/matches.ts';
import { addPause } from './commands/pause.ts';
import { addPerson } from './commands/person.ts';
import { addPipeline } from './commands/pipeline.ts';
import { addPoison } from './commands/poison.ts';
import { addPost } from './commands/post.ts';
import { addQueues } from './commands/queues.ts';
import { addReceipts } from './commands/receipts.ts';
import { addRerun } from './commands/rerun.ts';
import { addResults } from './commands/results.ts';
import { addSql } from './commands/sql.ts';
import { addStats } from './commands/stats.ts';
import { addStatus } from './commands/status.ts';
import { addSubmit } from './commands/submit.ts';
import { addTest } from './commands/test.ts';
import { addWhy } from './commands/why.ts';
import { type Connection, connect } from './connect.ts';
import { CliError, EXIT, sentenceOf } from './errors.ts';
import type { Screen } from './format/screen.ts';

/** In the order in which --help lists them; a new command is a file of its own and a line here. */
const commands: readonly AddCommand[] = [
  addSubmit,
  addStatus,
  addResults,
  addMatches,
  addPerson,
  addDecisions,
  addSql,
  addWhy,
  addPoison,
  addRerun,
  addPipeline,
  addQueues,
  addStats,
  addDoctor,
  addPause,
  addTest,
  addPost,
  addExport,
  addBatch,
  addErase,
  addData,
  addReceipts,
  addAudit,
  addClear,
  addConnectionString,
];

export interface ProgramOutside {
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
  const program = new Command('imaginem')
    .description('Photographs in, rows out.')
    .option('--data <folder>', 'data folder of the local instance (default: IMAGINEM_DATA, or .imaginem)')
    .addHelpText(
      'after',
      '\nWorks on the local instance ("npm start") or else on the deployment whose app settings are in the environment.\nExit codes: 0 ok, 1 failed, 2 wrong usage.',
    );
  const context: CommandContext = {
    screen,
    connect: async () => {
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
  program.exitOverride().configureOutput({
    writeOut: (text) => screen.line(text.trimEnd()),
    writeErr: (text) => complain(text.trimEnd()),
  });
  for (const add of commands) add(program, context);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return signal.aborted ? 130 : exitCode;
  } catch (error) {
    if (isUsage(error)) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    if (signal.aborted) return 130;
    complain(sentenceOf(error));
    return error instanceof CliError ? error.exitCode : EXIT.failed;
  } finally {
    screen.close();
    await connection?.close();
  }
}

/** Commander has said itself what is wrong, or has shown its help. */
const isUsage = (error: unknown): error is { exitCode: number } =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('commander.');
