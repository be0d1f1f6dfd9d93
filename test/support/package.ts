import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import AdmZip from 'adm-zip';
import { silentLog } from '../../src/domain/ports.ts';
import { takeIn } from '../../src/pipeline/delivery/intake.ts';
import { containers } from '../../src/storage/names.ts';
import { projectRoot } from './project-root.ts';
import { type Child, openStack, type Stack } from './stack.ts';

/** Runs `npm run package`'s own script. */
function makePackage(...args: string[]) {
  const script = join(projectRoot, 'scripts/package/main.ts');
  return spawnSync(process.execPath, [script, ...args], { cwd: projectRoot, encoding: 'utf8' });
}

export interface Unpacked {
  /** The files of the zip. */
  readonly paths: readonly string[];
  readonly bytes: Buffer;
  /** What the command printed. */
  readonly said: string;
  /** An empty folder before, with no node_modules above it. */
  readonly folder: string;
  remove(): Promise<void>;
}

/** Makes the package and unpacks it alone into an empty folder. */
export async function unpackNew(): Promise<Unpacked> {
  const root = await mkdtemp(join(tmpdir(), 'imaginem-unpacked-'));
  const out = join(root, 'imaginem.zip');
  const { status, stdout, stderr } = makePackage('--out', out);
  if (status !== 0) throw new Error(`The package was not made:\n${stdout}\n${stderr}`);
  const folder = join(root, 'app');
  await mkdir(folder);
  const zip = new AdmZip(out);
  // With the permissions that the zip gives.
  zip.extractAllTo(folder, false, true);
  const files = zip.getEntries().filter((entry) => !entry.isDirectory);
  return {
    paths: files.map((entry) => entry.entryName),
    bytes: await readFile(out),
    said: stdout,
    folder,
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

interface ColdStart {
  /** Milliseconds from the start of the process to the log line of the first step done. */
  readonly firstStepMs: number;
  /** Processor time the process had used by then, where the system tells: what a busy machine cannot distort as much. */
  readonly cpuMs: number | undefined;
  /** Paths, inside the app, of the modules loaded by then. */
  readonly modules: readonly string[];
  readonly host: Child;
}

/**
 * Starts the packaged app with a message for `step` waiting, as an instance starts on Azure, and waits for it to be
 * handled.
 *
 * @param traced whether to say which modules were loaded, which itself takes time
 */
export async function coldStart(
  stack: Stack,
  appFolder: string,
  image: Buffer,
  traced: boolean,
): Promise<ColdStart> {
  const { app } = stack;
  const name = `cold/${crypto.randomUUID()}.jpg`;
  await app.storage.blobs.write(containers.input, name, image, 'image/jpeg');
  const event = {
    eventType: 'Microsoft.Storage.BlobCreated',
    subject: `/blobServices/default/containers/${containers.input}/blobs/${name}`,
  };
  const { signal } = new AbortController();
  await takeIn(event, { dequeueCount: 1, log: silentLog, signal }, app);

  const trace = join(await mkdtemp(join(tmpdir(), 'imaginem-trace-')), 'modules.txt');
  const preload = pathToFileURL(join(projectRoot, 'test/support/trace-modules.ts')).href;
  const startedAt = Date.now();
  const host = stack.spawnHost(
    appFolder,
    traced ? { TRACE_MODULES: trace, NODE_OPTIONS: `--import ${preload}` } : {},
  );
  let doneAt: number | undefined;
  let cpuMs: number | undefined;
  const done = Promise.withResolvers<void>();
  host.process.stdout?.on('data', () => {
    if (doneAt !== undefined || !host.output().includes('step.done')) return;
    doneAt = Date.now();
    cpuMs = cpuTimeOf(host.process.pid);
    done.resolve();
  });
  host.process.once('exit', () => done.reject(new Error(`The host ended:\n${host.output()}`)));
  const limit = setTimeout(
    () => done.reject(new Error(`No step was done in time:\n${host.output()}`)),
    60_000,
  );
  await done.promise.finally(() => clearTimeout(limit));
  const until = doneAt ?? Number.NaN;
  const root = pathToFileURL(`${appFolder}/`).href;
  const lines = traced ? (await readFile(trace, 'utf8')).trim().split('\n') : [];
  const modules = lines.flatMap((line) => {
    const space = line.indexOf(' ');
    const url = line.slice(space + 1);
    return Number(line.slice(0, space)) <= until && url.startsWith(root) ? [url.slice(root.length)] : [];
  });
  return { firstStepMs: until - startedAt, cpuMs, modules, host };
}

/** User and system time in milliseconds, from Linux's /proc: fields 14 and 15, in hundredths of a second. */
function cpuTimeOf(pid: number | undefined): number | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** A stack for a cold start: one short pipeline, so that what a step does not need is seen not to load. */
export const openColdStack = (engineUrl: string, extra: Record<string, string> = {}) =>
  openStack(engineUrl, { PIPELINE_DEFINITION: 'generalclassification,pipelineoutput', ...extra });
