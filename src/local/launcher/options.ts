import { availableParallelism } from 'node:os';
import { Command, InvalidArgumentError, Option } from 'commander';
import { dataFolder } from '../../cli/paths.ts';

/** Imaginem's own, or Azurite, the emulator. */
const storageKinds = ['imaginem', 'azurite'] as const;
export type StorageKind = (typeof storageKinds)[number];

export interface LauncherOptions {
  /** Files and folders to submit. */
  readonly paths: readonly string[];
  readonly once: boolean;
  readonly batch?: string;
  /** Absolute. */
  readonly data: string;
  readonly workers: number;
  readonly limitedAccess: 'on' | 'off';
  /** Which storage service keeps everything. */
  readonly storage: StorageKind;
  readonly verbose: boolean;
  /** Port for a debugger of the Functions host; none where absent. */
  readonly inspect?: number;
  /** Seconds for which a message taken off a queue is invisible, renewed while it is worked on. */
  readonly invisibility: number;
}

/** Node's own. */
const INSPECT_PORT = 9229;

const EXAMPLES = `
Examples:
  npm start                              start, and wait for images
  npm start -- photos                    start, and submit the folder "photos" as batch "photos"
  npm start -- samples --once            process a folder, print what was found, and end

Exit codes: 0 all well, 1 something failed (with --once: also an image that is not "done"), 2 wrong usage.`;

/**
 * Reads the launcher's command line; ends the process for --help and for a wrong one.
 *
 * @param argv what follows the script
 */
export function parseOptions(argv: readonly string[]): LauncherOptions {
  const command = new Command('npm start --')
    .description('Runs Imaginem on this machine: storage, vision and functions, all local.')
    .argument('[paths...]', 'files and folders to submit')
    .option('--once', 'end when all submitted images have their rows')
    .option('--batch <id>', 'batch of the submitted images (default: the name of their folder)')
    .option('--data <folder>', 'where everything is kept (default: IMAGINEM_DATA, or .imaginem)')
    .option(
      '--workers <number>',
      'worker threads of the vision engine, about 0.7 GB each',
      wholeNumber(1, 64),
    )
    .addOption(
      new Option(
        '--limited-access <state>',
        'play a Face account with or without its approval for recognition',
      )
        .choices(['on', 'off'])
        .default('on'),
    )
    .addOption(
      new Option(
        '--storage <service>',
        'which storage service keeps everything; Azurite loses what a power cut interrupts',
      )
        .choices(storageKinds)
        .default('imaginem'),
    )
    .option(
      '--inspect [port]',
      'let a debugger attach to the steps, on this machine only (default port: 9229)',
      wholeNumber(1024, 65_535),
    )
    .option('--verbose', 'show what the parts write; it is in the logs of the data folder anyway')
    .option(
      '--invisibility <seconds>',
      'after how long the work of a process that died is taken up again',
      wholeNumber(1, 3600),
      60,
    )
    .addHelpText('after', EXAMPLES)
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  command.parse([...argv], { from: 'user' });
  const flags = command.opts<
    Partial<Omit<LauncherOptions, 'paths' | 'inspect'>> & { invisibility: number; inspect?: number | true }
  >();
  if (flags.once && command.args.length === 0) {
    command.error('error: --once needs files or folders to submit: npm start -- samples --once');
  }
  return {
    paths: command.args,
    once: flags.once ?? false,
    ...(flags.batch !== undefined && { batch: flags.batch }),
    ...(flags.inspect !== undefined && { inspect: flags.inspect === true ? INSPECT_PORT : flags.inspect }),
    data: dataFolder(flags.data),
    workers: flags.workers ?? (availableParallelism() <= 2 ? 1 : 2),
    limitedAccess: flags.limitedAccess ?? 'on',
    storage: flags.storage ?? 'imaginem',
    verbose: flags.verbose ?? false,
    invisibility: flags.invisibility,
  };
}

const wholeNumber = (min: number, max: number) => (value: string) => {
  const number = Number(value);
  if (/^\d+$/.test(value) && number >= min && number <= max) return number;
  throw new InvalidArgumentError(`A whole number from ${min} to ${max} is expected.`);
};
