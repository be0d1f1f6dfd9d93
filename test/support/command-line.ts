import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type App, openApp } from '../../src/app.ts';
import { run } from '../../src/cli/program.ts';
import { startEmulator } from './emulator.ts';

/** What a command line wrote, and how it ended. */
interface Ran {
  code: number;
  out: string;
  err: string;
}

/** The command line over an emulator and a database of its own. */
export async function openCommandLine(settings: Record<string, string> = {}) {
  const [emulator, home] = await Promise.all([
    startEmulator(),
    mkdtemp(path.join(tmpdir(), 'imaginem-cli-')),
  ]);
  const env: Record<string, string> = {
    AzureWebJobsStorage: emulator.connectionString,
    SQLITE_PATH: path.join(home, 'results.db'),
    IMAGINEM_DATA: path.join(home, 'nothing-here'),
    ...settings,
  };
  const app: App = await openApp(env);
  await app.ensure();
  return {
    app,
    emulator,
    home,
    env,
    imaginem: (...argv: string[]) => commandLine(argv, env),
    /** With an answer at hand for whatever is asked. */
    answering: (answer: string, ...argv: string[]) => commandLine(argv, env, answer),
    close: async () => {
      await app.close();
      await emulator.stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/** Runs one command line in this process. */
export async function commandLine(
  argv: string[],
  env: Record<string, string>,
  answer?: string,
): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await run(argv, {
    env,
    screen: {
      line: (text = '') => out.push(text),
      lines: async (text) => void out.push(text.replace(/\n$/, '')),
      progress: () => ({ at() {}, end() {} }),
      close() {},
    },
    complain: (text) => err.push(text),
    signal: new AbortController().signal,
    ...(answer !== undefined && { ask: async () => answer }),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}
