import { spawnSync } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { alsoDeploying, type Lock, type Manifest, productionLock, productionManifest } from './manifest.ts';

/** Parts of the compiled source that stand around the app on one machine and never go to Azure. */
const LOCAL_PARTS = ['local', 'cli', 'testing'];

/** npm's names for what Flex Consumption runs on. */
const TARGET = ['--os=linux', '--cpu=x64', '--libc=glibc'];

/**
 * Puts the app together in an empty folder: compiled source, host.json, a package.json of the production dependencies,
 * and those, exactly as locked, for Linux x64.
 *
 * @param extra development dependencies, and files or folders of the project, that are deployed, too
 */
export async function stage(
  project: string,
  folder: string,
  extra: { packages: readonly string[]; files: readonly string[] },
): Promise<void> {
  const tsc = join(project, 'node_modules/typescript/bin/tsc');
  const options = ['--outDir', join(folder, 'dist'), '--incremental', 'false', '--sourceMap', 'false'];
  run('tsc', process.execPath, [tsc, '-p', join(project, 'tsconfig.build.json'), ...options], project);
  for (const part of LOCAL_PARTS)
    await rm(join(folder, 'dist', 'src', part), { recursive: true, force: true });
  const vite = join(project, 'node_modules/vite/bin/vite.js');
  const config = join(project, 'src/dashboard/vite.config.ts');
  const page = ['--outDir', join(folder, 'dist/dashboard'), '--emptyOutDir', '--logLevel', 'warn'];
  run('vite', process.execPath, [vite, 'build', '--config', config, ...page], project);

  await cp(join(project, 'host.json'), join(folder, 'host.json'));
  for (const file of extra.files) await cp(join(project, file), join(folder, file), { recursive: true });
  const manifest = alsoDeploying(await readJson<Manifest>(join(project, 'package.json')), extra.packages);
  const lock = await readJson<Lock>(join(project, 'package-lock.json'));
  await writeJson(join(folder, 'package.json'), productionManifest(manifest));
  await writeJson(join(folder, 'package-lock.json'), productionLock(lock, manifest));
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  const [npm, ...first] = npmCommand();
  const install = ['ci', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  run('npm ci', npm, [...first, ...install, ...TARGET], folder);
  await rm(join(folder, 'package-lock.json'));
}

/** npm as the script that runs us names it; by name where it was started without npm. */
function npmCommand(): [string, ...string[]] {
  const path = process.env.npm_execpath;
  if (path?.endsWith('.js')) return [process.execPath, path];
  return [process.platform === 'win32' ? 'npm.cmd' : 'npm'];
}

function run(what: string, command: string, args: string[], cwd: string): void {
  const shell = command.endsWith('.cmd');
  const { status, error, stdout, stderr } = spawnSync(command, args, { cwd, shell, encoding: 'utf8' });
  if (status === 0) return;
  throw new Error(`${what} failed: ${error?.message ?? `exit code ${status}`}\n${stdout}\n${stderr}`);
}

const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, 'utf8')) as T;
const writeJson = (path: string, value: unknown) => writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
