import { glob } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { HostLog } from '../log.ts';
import type { AppRegistry } from './registry.ts';

/**
 * Loads every file that the glob matches (files named `*.test.js` too), one after another, awaited, in alphabetical
 * order.
 *
 * A file that fails to load ends the loading. After at least one registration that fails the app; before any, the app
 * merely has no functions, on the platform without a word, here with a line in the log.
 *
 * @throws the load error, with the file's name, when a function had been registered by then
 */
export async function loadApp(
  appDirectory: string,
  main: string,
  registry: AppRegistry,
  log: HostLog,
): Promise<void> {
  let current = main;
  try {
    const files: string[] = [];
    for await (const file of glob(main, { cwd: appDirectory })) files.push(file);
    if (files.length === 0) throw new Error('no file matches it; is the app built?');
    for (const file of files.sort()) {
      current = file;
      await import(pathToFileURL(path.join(appDirectory, file)).href);
    }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Worker was unable to load entry point "${current}": ${reason}`;
    if (registry.functions().length > 0) throw new Error(message, { cause });
    log.system('error', `${message} The app has no functions.`);
  }
}
