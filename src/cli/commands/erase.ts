import { silentLog } from '../../domain/ports.ts';
import type { Eraser } from '../../erasure/eraser.ts';
import { ErasureRefusedError, type ErasureRequest } from '../../erasure/request.ts';
import { confirmedWith } from '../../erasure/select.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { planLines, receiptLines } from '../format/receipt-lines.ts';
import { whoIsThis } from '../who.ts';

interface EraseOptions {
  image?: string;
  batch?: string;
  face?: string;
  enquiry?: string;
  with?: string[];
  dryRun?: boolean;
  yes?: boolean;
  json?: boolean;
}

/** What a person types to go on. */
const WORD = 'erase';

export const addErase: AddCommand = (program, context) => {
  program
    .command('erase')
    .description('erase an image, a batch or a person with everything made of it, with a receipt')
    .option('--image <image>', 'a picture: name in the container (all its versions), or job id')
    .option('--batch <id>', 'everything that is in this batch now')
    .option('--face <key>', 'the photograph that shows this face')
    .option('--with <key...>', 'and those of these faces, which were confirmed as the same person')
    .option('--enquiry <id>', 'an enquiry with its photographs, candidates and alerts')
    .option('--dry-run', 'only say what there is of it')
    .option('--yes', 'without asking')
    .option('--json', 'the receipt, or what a dry run found, as one JSON object')
    .addHelpText(
      'after',
      `${examples(
        'imaginem erase --image camp-4/group.jpg --dry-run',
        'imaginem erase --batch camp-4 --yes',
        'imaginem erase --face 0c1f...-1 --with 9ab2...-1',
      )}\n\nThis cannot be undone. Asking twice changes nothing; an interrupted erasure goes on.`,
    )
    .action((options: EraseOptions) => erase(options, context));
};

async function erase(options: EraseOptions, context: CommandContext): Promise<void> {
  const { screen, signal } = context;
  const request = requestOf(options);
  const app = await (await context.connect()).app();
  const eraser = app.eraser(silentLog);
  try {
    if (options.dryRun || !options.yes) {
      const plan = await eraser.plan(request, signal);
      const others = request.kind === 'face' ? await confirmedWith(request.face, app) : [];
      const lines = planLines(
        plan,
        others.filter((face) => !options.with?.includes(face)),
      );
      if (options.dryRun) {
        if (options.json) screen.line(JSON.stringify({ ...plan, confirmed: others }, undefined, 2));
        else for (const line of lines) screen.line(line);
        return;
      }
      if (plan.subjects.length > 0) {
        for (const line of options.json ? [] : lines) screen.line(line);
        await confirm(count(plan.subjects.length, 'image'), context);
      }
    }
    await carryOut(request, eraser, options, context);
  } catch (error) {
    if (error instanceof ErasureRefusedError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

async function carryOut(
  request: ErasureRequest,
  eraser: Eraser,
  { json }: EraseOptions,
  { screen, signal }: CommandContext,
): Promise<void> {
  const receipt = await eraser.erase(request, whoIsThis(), signal);
  if (json) return screen.line(JSON.stringify(receipt ?? null, undefined, 2));
  if (!receipt) return screen.line('There is nothing about it: nothing was erased.');
  for (const line of receiptLines(receipt)) screen.line(line);
}

function requestOf({ image, batch, face, enquiry, with: others = [] }: EraseOptions): ErasureRequest {
  const named = [image, batch, face, enquiry].filter((one) => one !== undefined);
  if (named.length !== 1)
    throw new CliError('Say what: one of --image, --batch, --face and --enquiry.', EXIT.usage);
  if (others.length > 0 && face === undefined) {
    throw new CliError('--with belongs to --face: it names faces confirmed as the same person.', EXIT.usage);
  }
  if (image !== undefined) return { kind: 'image', image };
  if (batch !== undefined) return { kind: 'batch', batch };
  if (enquiry !== undefined) return { kind: 'enquiry', enquiry };
  return { kind: 'face', face: face ?? '', with: others };
}

async function confirm(what: string, { screen, ask }: CommandContext): Promise<void> {
  if (!ask) throw new CliError('Nobody is at a terminal to confirm this: add --yes.', EXIT.usage);
  screen.line(`This erases ${what} with everything made of them, for good.`);
  if ((await ask(`Type "${WORD}" to go on: `)).trim() !== WORD) {
    throw new CliError('Nothing was erased.', EXIT.failed);
  }
}
