import { CliError, EXIT, sentenceOf } from '../../cli/errors.ts';
import { imageLine } from '../../cli/format/image-line.ts';
import type { Screen } from '../../cli/format/screen.ts';
import { localSettingsLines, withLocalSettings } from '../../cli/local-settings.ts';
import { PROJECT } from '../../cli/paths.ts';
import { Awaited } from '../../cli/submit/awaited.ts';
import { type Found, findFiles } from '../../cli/submit/find-files.ts';
import { follow } from '../../cli/submit/follow.ts';
import { ResultFeed } from '../../cli/submit/result-feed.ts';
import { leftOutLines, submittedLine, WARMING_UP } from '../../cli/submit/sentences.ts';
import { summary } from '../../cli/submit/summary.ts';
import { upload } from '../../cli/submit/upload.ts';
import type { Clock } from '../../domain/ports.ts';
import { clockBehind } from './clock-behind.ts';
import { openDataFolder, writtenTo } from './data-folder.ts';
import { bringUp, type Parts } from './instance-parts.ts';
import { takeLock } from './lock.ts';
import type { LauncherOptions } from './options.ts';
import type { Service } from './service.ts';
import { onParentGone, onStopSignals } from './stop-signals.ts';
import { watch } from './watcher.ts';
import { welcome } from './welcome.ts';

interface Outside {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly screen: Screen;
  /** For what the parts write, with --verbose. */
  readonly echo: (line: string) => void;
}

/**
 * Runs the local instance until it is told to stop, or, with `--once`, until all submitted images have their rows.
 *
 * @returns the exit code
 * @throws {LockedError} @throws {ServiceError} @throws {CliError} with nothing left running
 */
export async function launch(options: LauncherOptions, outside: Outside): Promise<number> {
  const { screen, clock } = outside;
  const local = await withLocalSettings(outside.env, PROJECT);
  for (const line of localSettingsLines(local)) screen.line(line);
  const { env } = local;
  const found = options.paths.length > 0 ? await findFiles(options.paths, options.batch) : undefined;
  if (options.once && found?.files.length === 0) {
    throw new CliError('There are no images among the given files and folders.', EXIT.usage);
  }
  const folder = await openDataFolder(options.data, (sentence) => screen.line(sentence));
  const lock = await takeLock(folder.lock);
  const behind = await clockBehind(writtenTo(folder), clock());
  if (behind !== undefined) screen.line(behind);
  const stopping = new AbortController();
  let services: readonly Service[] = [];
  const stop = () => {
    screen.line('Stopping ... (Ctrl-C again ends everything at once; nothing is lost either way)');
    stopping.abort();
  };
  const releaseParent = onParentGone(env, stop);
  const release = onStopSignals(
    stop,
    () => {
      for (const service of services) service.kill();
      process.exit(130);
    },
    clock,
  );
  try {
    const bringing = {
      options,
      folder,
      env,
      clock,
      signal: stopping.signal,
      say: (sentence: string) => screen.line(sentence),
      ...(options.verbose && { echo: outside.echo }),
      onServices: (all: readonly Service[]) => {
        services = all;
      },
    };
    const parts = await bringUp(bringing).catch((error: unknown) => {
      if (stopping.signal.aborted) return undefined;
      throw error;
    });
    if (!parts) return interrupted(options);
    for (const line of welcome(parts, folder)) screen.line(line);
    const exitCode = await work(parts, found, options, screen, stopping.signal).finally(async () => {
      stopping.abort();
      await parts.stop();
    });
    screen.line('Stopped.');
    return exitCode;
  } finally {
    release();
    releaseParent();
    await lock.release();
  }
}

/** With --once an interruption means that what was asked for is not there. */
const interrupted = (options: LauncherOptions): number => (options.once ? 130 : EXIT.ok);

async function work(
  { app, lost }: Parts,
  found: Found | undefined,
  options: LauncherOptions,
  screen: Screen,
  stop: AbortSignal,
): Promise<number> {
  const ending = new AbortController();
  const signal = AbortSignal.any([stop, ending.signal]);
  const store = await app.results();
  const feed = new ResultFeed(store);
  await feed.start();
  const awaited = new Awaited(store);
  let trouble = '';
  let exitCode: number = EXIT.ok;
  let submitting = found !== undefined && found.files.length > 0;

  const watching = watch(app.reconciler(0), { say: (sentence) => screen.line(sentence), signal });
  const serving = async () => {
    if (found) await submit(found);
    const progress = screen.progress('Images', submitting ? awaited.total : 0);
    const submitted = submitting;
    await follow({
      feed,
      awaited,
      signal,
      onRow: (image) => {
        trouble = '';
        screen.line(imageLine(image));
        progress.at(awaited.done);
      },
      onTrouble: (error) => {
        const sentence = sentenceOf(error);
        if (sentence !== trouble) screen.line(`The results cannot be read: ${sentence} Trying again.`);
        trouble = sentence;
      },
      ended: (all) => submitted && all,
      onNothingYet: () => {
        if (submitted) screen.line(WARMING_UP);
      },
    });
    progress.end();
    if (!submitted || signal.aborted) return;
    submitting = false;
    const { text, exitCode: outcome } = summary(await awaited.rows(), awaited.total);
    screen.line(text);
    exitCode = outcome;
    if (options.once) return;
    await follow({
      feed,
      awaited,
      signal,
      onRow: (image) => screen.line(imageLine(image)),
      onTrouble: () => {},
      ended: () => false,
    });
  };

  async function submit(found: Found): Promise<void> {
    const { files } = found;
    for (const line of leftOutLines(found)) screen.line(line);
    const progress = screen.progress('Upload', files.length);
    let uploaded = 0;
    const submitted = await upload(files, app.storage.blobs, {
      onEach: () => {
        uploaded += 1;
        progress.at(uploaded);
      },
      signal,
    });
    progress.end();
    for (const one of submitted) await awaited.expect(one);
    screen.line(submittedLine(submitted));
  }

  try {
    const served = serving().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    await Promise.race([served, lost]);
    if (!options.once) return EXIT.ok;
    return stop.aborted ? 130 : exitCode;
  } finally {
    ending.abort();
    screen.close();
    await watching;
  }
}
