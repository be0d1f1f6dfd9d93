import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CliError } from './errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** The file that `func start` reads its app settings from. */
const LOCAL_SETTINGS = 'local.settings.json';

const schema = z.object({
  IsEncrypted: z.boolean().optional(),
  Values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

/** What was taken of the file, by name, and what was not. */
interface LocalSettings {
  /** The environment, completed by the file. */
  env: Env;
  taken: string[];
  /** Names whose value the environment has already. */
  passedOver: string[];
  /** Names that the local instance sets itself, whatever the file says. */
  own: string[];
}

/**
 * What `npm start` brings up itself: storage, the results beside it in the data folder (a backup has both or neither),
 * and an engine where the file names one on this very machine.
 */
const isOwn = (name: string, value: string): boolean =>
  name.startsWith('AzureWebJobsStorage') ||
  name === 'SQLITE_PATH' ||
  (/^(COMPUTER_VISION|FACE)_ENDPOINT$/.test(name) && /^https?:\/\/(127\.|localhost|\[::1\])/i.test(value));

/**
 * Completes an environment by the `Values` of local.settings.json, as `func start` does: the environment goes before,
 * and an empty value counts as absent.
 *
 * @param folder where the file is, if it is there
 * @throws {CliError} where it cannot be read: a setting that is silently ignored is worse
 */
export async function withLocalSettings(env: Env, folder: string): Promise<LocalSettings> {
  const settings: LocalSettings = { env, taken: [], passedOver: [], own: [] };
  const file = path.join(folder, LOCAL_SETTINGS);
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new CliError(`${LOCAL_SETTINGS} cannot be read (${error.code}).`);
  });
  if (text === undefined) return settings;
  const { IsEncrypted, Values = {} } = parsed(text);
  if (IsEncrypted) {
    throw new CliError(
      `${LOCAL_SETTINGS} is encrypted and cannot be read here: "func settings decrypt" makes it readable, or move it away.`,
    );
  }
  const values: Record<string, string> = {};
  for (const [name, given] of Object.entries(Values)) {
    const value = String(given);
    // Only the Functions tools read it.
    if (value === '' || name === 'FUNCTIONS_WORKER_RUNTIME') continue;
    if (isOwn(name, value)) settings.own.push(name);
    else if (env[name]) settings.passedOver.push(name);
    else {
      values[name] = value;
      settings.taken.push(name);
    }
  }
  return { ...settings, env: { ...env, ...values } };
}

function parsed(text: string): z.infer<typeof schema> {
  try {
    return schema.parse(JSON.parse(text.replace(/^\uFEFF/, '')));
  } catch {
    throw new CliError(
      `${LOCAL_SETTINGS} is not what "func start" reads: JSON with an object "Values" of names and texts. Correct it, or move it away.`,
    );
  }
}

const MOST_NAMED = 6;

/** What a person is told of the file, by names only; nothing where there is none. */
export function localSettingsLines({ taken, passedOver, own }: LocalSettings): string[] {
  const lines: string[] = [];
  if (taken.length > MOST_NAMED) {
    const some = taken.slice(0, MOST_NAMED).join(', ');
    lines.push(
      `${taken.length} settings are taken from ${LOCAL_SETTINGS}: ${some} and ${taken.length - MOST_NAMED} more.`,
    );
  } else if (taken.length > 0) lines.push(`Settings from ${LOCAL_SETTINGS}: ${taken.join(', ')}.`);
  if (passedOver.length > 0)
    lines.push(`The environment goes before ${LOCAL_SETTINGS}: ${passedOver.join(', ')}.`);
  if (own.length > 0)
    lines.push(`Not taken from ${LOCAL_SETTINGS}, for "npm start" brings its own: ${own.join(', ')}.`);
  return lines;
}
