import { addPhotograph, openEnquiry } from '../../admin/enquiry.ts';
import type { CommandContext } from '../command.ts';
import { count } from '../format/count.ts';
import { whoIsThis } from '../who.ts';
import { enquiryJson } from './lines.ts';
import { readPhotograph } from './photographs.ts';
import { type Values, valuesOf } from './values.ts';

export interface OpenOptions extends Values {
  photo?: string[];
  taken?: string;
  quiet?: boolean;
  json?: boolean;
}

/** Opens an enquiry, with the photographs that were given. */
export async function open(options: OpenOptions, context: CommandContext): Promise<void> {
  const { purpose = '', legalBasis = '', photo: files = [], taken, json } = options;
  const photographs = await Promise.all(files.map(readPhotograph));
  const app = await (await context.connect()).app();
  const { minor: _, ...values } = valuesOf(options);
  const who = whoIsThis();
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value));
  const enquiry = await openEnquiry(
    { owner: who, ...given, purpose, legalBasis, minor: !options.adult },
    who,
    app,
  );
  const images: string[] = [];
  for (const bytes of photographs)
    images.push(await addPhotograph(enquiry.id, { bytes, ...(taken !== undefined && { taken }) }, who, app));
  if (json) return context.screen.line(JSON.stringify({ ...enquiryJson(enquiry), images }, undefined, 2));
  if (options.quiet) return context.screen.line(enquiry.id);
  context.screen.line(`Enquiry ${enquiry.id} is open, with ${count(images.length, 'photograph')}.`);
  context.screen.line(
    images.length === 0
      ? `Add one: imaginem enquiry photo ${enquiry.id} <file>`
      : `Its candidates: imaginem candidates list ${enquiry.id} --wait`,
  );
}
