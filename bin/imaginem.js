#!/usr/bin/env node
// Runs under any Node from 18 on, finds the one that the project brings along, and hands over to the compiled
// command line. Plain JavaScript, for it must run before anything is known to work.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The oldest major version that has what the project stands on (`node:sqlite`). */
const LEAST_NODE = 22;
const project = fileURLToPath(new URL('..', import.meta.url));
const main = path.join(project, 'dist', 'src', 'cli', 'main.js');

const runtime = findRuntime();
if (runtime === undefined) {
  fail(
    `Imaginem needs Node ${LEAST_NODE} or newer; this is ${process.version}, and the one it brings along is missing. Run "npm ci" in ${project}, or install a newer Node.`,
  );
}
if (!existsSync(main)) {
  process.stderr.write('The command line is not built yet: building it, once.\n');
  const compiler = path.join(project, 'node_modules', 'typescript', 'bin', 'tsc');
  const code = await run([compiler, '-p', path.join(project, 'tsconfig.build.json')]);
  if (code !== 0 || !existsSync(main))
    fail(`The build failed. Run "npm ci" and "npm run build" in ${project}.`);
} else {
  const missing = unbuilt();
  if (missing !== undefined) process.stderr.write(`${missing} is not built yet: npm run build.\n`);
}
if (runtime === process.execPath) await import(pathToFileURL(main).href);
else process.exitCode = await run([main, ...process.argv.slice(2)]);

/** A step or a function that was written after the build, or undefined; a package has no sources at all. */
function unbuilt() {
  for (const folder of ['src/steps', 'src/functions']) {
    const sources = path.join(project, folder);
    if (!existsSync(sources)) continue;
    for (const file of readdirSync(sources).filter((name) => name.endsWith('.ts'))) {
      const built = path.join(project, 'dist', folder, file.replace(/ts$/, 'js'));
      if (!existsSync(built)) return `${folder}/${file}`;
    }
  }
  return undefined;
}

/** This very Node where it will do, else the binary of the platform's package. */
function findRuntime() {
  if (Number.parseInt(process.versions.node, 10) >= LEAST_NODE) return process.execPath;
  const windows = process.platform === 'win32';
  const binary = windows ? 'node.exe' : 'node';
  const platform = `${windows ? 'win' : process.platform}-${process.arch}`;
  const require = createRequire(import.meta.url);
  const candidates = [path.join(project, 'node_modules', '.bin', binary)];
  for (const name of [`node-${platform}`, `node-bin-${platform}`]) {
    try {
      candidates.push(path.join(path.dirname(require.resolve(`${name}/package.json`)), 'bin', binary));
    } catch {
      // Not the package of this platform.
    }
  }
  return candidates.find((candidate) => existsSync(candidate));
}

/** Runs a script on the runtime, with this terminal, and resolves with its exit code. */
function run(args) {
  const child = spawn(runtime, args, { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, being in the same terminal; this process must outlive it to pass on its code.
  const onInterrupt = () => {};
  const onTerminate = () => child.kill('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return new Promise((resolve) => {
    child.once('error', (error) => fail(`${runtime} could not be run: ${error.message}`));
    child.once('close', (code, signal) => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 1));
    });
  });
}

function fail(message) {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}
