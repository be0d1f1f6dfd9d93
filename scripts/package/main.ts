/**
 * `npm run package [-- --out imaginem.zip] [--limit <MB, 30>] [--with <package>] [--include <file or folder>]
 * [--folder <folder>]`: makes the zip that is deployed to Azure Functions on Linux x64, whatever this machine is. Nothing
 * is compiled natively; npm's cache or its registry gives the dependencies. `--with` deploys a development dependency,
 * too, and `--include` a part of the project, both as often as wanted: the runtime and the model of `customvision`, say.
 * `--folder` leaves the same files in a folder in place of a zip, for tools that zip or copy by themselves.
 */
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atLeastOne, commandLine } from '../command-line.ts';
import { archive } from './archive.ts';
import { lostImports, readImports } from './imports.ts';
import { prune } from './prune.ts';
import { largestParts, megabytes, refusalOf } from './report.ts';
import { stage } from './stage.ts';

const several = (one: string, before: string[]) => [...before, one];
const command = commandLine('package', 'Makes the zip that is deployed to Azure Functions.')
  .option('--out <file>', 'the zip', 'imaginem.zip')
  .option('--limit <MB>', 'refuse a larger one', '30')
  .option('--with <package>', 'deploy this development dependency, too (repeatable)', several, [])
  .option('--include <path>', 'deploy this file or folder of the project, too (repeatable)', several, [])
  .option('--folder <folder>', 'leave the files in this folder, made anew, in place of a zip')
  .parse();
const values = command.opts<{
  folder?: string;
  out: string;
  limit: string;
  with: string[];
  include: string[];
}>();
const limit = atLeastOne(command, '--limit', values.limit) * 1_000_000;

const project = fileURLToPath(new URL('../../', import.meta.url));
if (values.folder !== undefined && project.startsWith(join(resolve(values.folder), sep))) {
  command.error(`error: --folder ${values.folder} holds the project: it is emptied first.`, { exitCode: 2 });
}
const folder = await mkdtemp(join(tmpdir(), 'imaginem-package-'));
try {
  await stage(project, folder, { packages: values.with, files: values.include });
  const before = await readImports(folder);
  await prune(folder);
  const lost = lostImports(before);
  if (lost.length > 0) throw new Error(`Pruning broke imports, correct its rules:\n${lost.join('\n')}`);

  const { bytes, parts } = await archive(folder);
  const out = resolve(values.folder ?? values.out);
  if (values.folder === undefined) await writeFile(out, bytes);
  else {
    await rm(out, { recursive: true, force: true });
    await cp(folder, out, { recursive: true });
  }
  for (const line of largestParts(parts)) console.log(line);
  console.log(`${out}: ${megabytes(bytes.length)} (limit ${megabytes(limit)})`);
  const refusal = refusalOf(bytes.length, limit);
  if (refusal !== undefined) {
    console.error(refusal);
    process.exitCode = 1;
  }
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(error.message);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
