import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { dataFolder } from '../paths.ts';

/** The command line knows nothing of what stands around the app: what reads a data folder is a program of its own. */
const SCRIPT = fileURLToPath(
  new URL(`../../local/data/main${path.extname(import.meta.url)}`, import.meta.url),
);

/** The three commands that work on the data folder of a local instance. */
export const addData: AddCommand = (program, context) => {
  const folder = () => dataFolder(program.opts<{ data?: string }>().data);
  program
    .command('backup')
    .argument('<folder>', 'a new folder for it')
    .description('copy the data of the local instance, which may run meanwhile')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem backup /mnt/disk/imaginem-2026-11-29'))
    .action((target: string, options: Options) =>
      run(['backup', folder(), path.resolve(target), ...flags(options)], context),
    );
  program
    .command('restore')
    .argument('<backup>', 'a folder that "imaginem backup" made')
    .description('make a data folder of a backup; overwrites nothing')
    .option('--json', 'one JSON object')
    .addHelpText(
      'after',
      examples('imaginem restore /mnt/disk/imaginem-2026-11-29 --data .imaginem-restored'),
    )
    .action((from: string, options: Options) =>
      run(['restore', path.resolve(from), folder(), ...flags(options)], context),
    );
  program
    .command('check')
    .description('verify the data folder: databases, and the files of blobs against them')
    .option('--hashes', 'also read every blob and compare its MD5')
    .option('--json', 'one JSON object')
    .action((options: Options) => run(['check', folder(), ...flags(options)], context));
};

interface Options {
  hashes?: boolean;
  json?: boolean;
}

const flags = ({ hashes, json }: Options) => [...(hashes ? ['--hashes'] : []), ...(json ? ['--json'] : [])];

async function run(args: readonly string[], { screen, signal, exitWith }: CommandContext): Promise<void> {
  if (!existsSync(SCRIPT))
    throw new CliError('Only a local instance has a data folder; this is a deployment.');
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ['ignore', 'pipe', 'inherit'], signal });
  let text = '';
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  for (const line of text.split('\n').filter((one) => one !== '')) screen.line(line);
  if (code !== 0) exitWith(code ?? 1);
}
