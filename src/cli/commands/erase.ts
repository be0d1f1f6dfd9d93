import { nothingToErase } from '../../admin/nothing-to-erase.ts';
import type { App } from '../../app.ts';
import { silentLog } from '../../domain/ports.ts';
import { ErasureRefusedError, type ErasureRequest } from '../../erasure/request.ts';
import { confirmedWith } from '../../erasure/select.ts';
import { type AddCommand, type CommandContext, examples } from '../command.ts';
import { confirmByWord, YES_OPTION } from '../confirm.ts';
import { CliError, EXIT } from '../errors.ts';
import { count } from '../format/count.ts';
import { printable } from '../format/printable.ts';
import { planLines, receiptLines } from '../format/receipt-lines.ts';
import { IMAGE_ARGUMENT, namedImage } from '../named-image.ts';
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
    .option(
      '--image <image>',
      `a picture with all its versions: ${IMAGE_ARGUMENT} (of an id, that one version)`,
    )
    .option('--batch <id>', 'everything that is in this batch now')
    .option('--face <key>', 'the photograph that shows this face')
    .option('--with <key...>', 'and those of these faces, which were confirmed as the same person')
    .option('--enquiry <id>', 'an enquiry with its photographs, candidates and alerts')
    .option('--dry-run', 'only say what there is of it')
    .option(...YES_OPTION)
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
  const asked = requestOf(options);
  const app = await (await context.connect()).app();
  const request = await named(asked, app);
  const eraser = await app.eraser(silentLog);
  try {
    if (options.dryRun || !options.yes) {
      const plan = await eraser.plan(request, signal);
      const others = request.kind === 'face' ? await confirmedWith(request.face, app) : [];
      const lines = planLines(
        plan,
        others.filter((face) => !options.with?.includes(face)),
      );
      if (options.dryRun) {
        if (plan.subjects.length === 0) throw await nothingOf(asked, app);
        if (options.json) screen.line(JSON.stringify({ ...plan, confirmed: others }, undefined, 2));
        else for (const line of lines) screen.line(line);
        return;
      }
      if (plan.subjects.length > 0) {
        for (const line of options.json ? [] : lines) screen.line(line);
        const does = `This erases ${count(plan.subjects.length, 'image')} with everything made of them, for good.`;
        await confirmByWord(does, WORD, false, context);
      }
    }
    const receipt = await eraser.erase(request, whoIsThis(), signal);
    if (!receipt) throw await nothingOf(asked, app);
    if (options.json) screen.line(JSON.stringify(receipt, undefined, 2));
    else for (const line of receiptLines(receipt)) screen.line(line);
  } catch (error) {
    if (error instanceof ErasureRefusedError) throw new CliError(error.message, EXIT.usage);
    throw error;
  }
}

/** The request in the words under which everything else knows the image; as it was asked where nothing is near. */
async function named(request: ErasureRequest, app: App): Promise<ErasureRequest> {
  if (request.kind !== 'image') return request;
  const found = await namedImage(request.image, app);
  return found.kind === 'image' ? { kind: 'image', image: found.byId ? found.id : found.name } : request;
}

/** That there is nothing to erase may be a slip of the pen: nobody is to pass it on as "nothing is stored". */
async function nothingOf(request: ErasureRequest, app: App): Promise<CliError> {
  const erased = 'What was erased before, "imaginem receipts" lists.';
  const { message, near } = await nothingToErase(request, app);
  const meant = near.length > 0 ? ` Did you mean ${near.map(printable).join(', ')}?` : '';
  return new CliError(`${printable(message)}${meant} ${erased}`);
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
