import { z } from 'zod';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError } from '../errors.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';

const LIMIT_MS = 5000;

const answerSchema = z.object({
  scripts: z.array(z.object({ script: z.string(), languages: z.array(z.string()), by: z.string() })),
});
type Scripts = z.infer<typeof answerSchema>['scripts'];

export const addDoctor: AddCommand = (program, context) => {
  program
    .command('doctor')
    .description('which scripts are read, and how to add one')
    .option('--json', 'one JSON object')
    .addHelpText('after', examples('imaginem doctor'))
    .action((options: { json?: boolean }) => doctor(options, context));
};

async function doctor(options: { json?: boolean }, { connect, screen }: CommandContext): Promise<void> {
  const connection = await connect();
  const endpoint = connection.setting('COMPUTER_VISION_ENDPOINT');
  if (endpoint === undefined) throw new CliError('No COMPUTER_VISION_ENDPOINT is set: nothing reads text.');
  const scripts = await scriptsOf(endpoint);
  if (options.json) return screen.line(JSON.stringify({ scripts: scripts ?? null }, undefined, 2));
  if (scripts === undefined) {
    return screen.line(
      "Text is read by a Computer Vision account: Microsoft's documentation of the Read operation lists its languages.",
    );
  }
  screen.line('The vision engine reads text in:');
  const rows = scripts.map(({ script, languages, by }) => [
    printable(script),
    languages.join(' '),
    printable(by),
  ]);
  screen.line(table(['Script', 'Languages', 'By'], rows));
  screen.line(
    "Lines in other scripts are left out, and the row says so. To read one, install Tesseract's data of its language (on Debian: apt-get install tesseract-ocr-rus), or name a folder of *.traineddata files in TESSDATA_PREFIX; then start the engine again.",
  );
}

/** @returns undefined where the endpoint is not the engine: the service knows no such path */
async function scriptsOf(endpoint: string): Promise<Scripts | undefined> {
  const url = new URL('/engine/scripts', endpoint);
  const response = await fetch(url, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => {
    throw new CliError(`The vision service at ${url.host} does not answer. Start it with "npm start".`);
  });
  const body: unknown = await response.json().catch(() => undefined);
  const parsed = answerSchema.safeParse(body);
  return response.ok && parsed.success ? parsed.data.scripts : undefined;
}
