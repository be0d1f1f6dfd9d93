import { changeEnquiry, endEnquiry } from '../../admin/enquiry.ts';
import { ENDS, type EnquiryEnd } from '../../people/enquiry/state.ts';
import type { CommandContext } from '../command.ts';
import { CliError, EXIT } from '../errors.ts';
import { whoIsThis } from '../who.ts';
import { told } from './lines.ts';
import { type Values, valuesOf } from './values.ts';

export async function set(
  id: string,
  options: Values & { json?: boolean },
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  const change = valuesOf(options);
  if (Object.keys(change).length === 0)
    throw new CliError('Say what changes: "imaginem enquiry set --help" lists it.', EXIT.usage);
  told(await changeEnquiry(id, change, whoIsThis(), app), options, context);
}

export async function seek(
  id: string,
  face: string,
  { notSought = false, json }: { notSought?: boolean; json?: boolean },
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  const [place] = await (await app.results()).faces([face]);
  if (!place)
    throw new CliError('There is no such face: "imaginem results --json" shows the faces of an image.');
  const enquiry = await (await app.enquiries()).seekFace(
    id,
    { key: face, imageId: place.imageId },
    !notSought,
    whoIsThis(),
  );
  told(enquiry, json === undefined ? {} : { json }, context);
}

export async function end(
  id: string,
  state: string,
  { reason, json }: { reason: string; json?: boolean },
  context: CommandContext,
): Promise<void> {
  if (![...ENDS, 'open'].includes(state))
    throw new CliError(`An enquiry ends as one of ${ENDS.join(', ')}.`, EXIT.usage);
  const app = await (await context.connect()).app();
  const ending = { to: state as EnquiryEnd | 'open', reason };
  told(
    await endEnquiry(id, ending, whoIsThis(), app, context.signal),
    json === undefined ? {} : { json },
    context,
  );
}

export async function note(
  id: string,
  text: string,
  options: { json?: boolean },
  context: CommandContext,
): Promise<void> {
  const app = await (await context.connect()).app();
  told(await (await app.enquiries()).note(id, text, whoIsThis()), options, context);
}
