import { subject } from '../../audit/subject.ts';
import type { EnquiryState } from '../../people/enquiry/state.ts';
import type { CommandContext } from '../command.ts';
import { CliError } from '../errors.ts';
import { printable } from '../format/printable.ts';
import { table } from '../format/table.ts';
import { whoIsThis } from '../who.ts';
import { enquiryJson } from './lines.ts';

/** Enquiries in one list at most. */
const LISTED = 200;

export async function list(
  {
    state,
    case: caseReference,
    search,
    json,
  }: { state?: EnquiryState; case?: string; search?: string; json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const enquiries = await (await app.enquiries()).list({
    limit: LISTED,
    ...(state !== undefined && { state }),
    ...(caseReference !== undefined && { caseReference }),
    ...(search !== undefined && { search }),
  });
  if (json) return screen.line(JSON.stringify(enquiries.map(enquiryJson), undefined, 2));
  if (enquiries.length === 0)
    return screen.line('There are no enquiries: "imaginem enquiry open" opens one.');
  screen.line(
    table(
      ['id', 'case', 'state', 'owner', 'opened', 'expires'],
      enquiries.map(({ id, caseReference: of, state: stands, owner, openedAt, expires }) => [
        id,
        printable(of ?? ''),
        stands,
        printable(owner ?? ''),
        openedAt.slice(0, 16),
        expires?.slice(0, 10) ?? '',
      ]),
    ),
  );
}

export async function show(
  id: string,
  { json }: { json?: boolean },
  { connect, screen }: CommandContext,
): Promise<void> {
  const app = await (await connect()).app();
  const enquiries = await app.enquiries();
  const enquiry = await enquiries.get(id);
  if (!enquiry) throw new CliError('There is no such enquiry: "imaginem enquiry list" lists them.');
  await app.audit.record({ who: whoIsThis(), action: 'enquiry.read', about: [subject.enquiry(id)] });
  const [photographs, events, counts] = await Promise.all([
    enquiries.photographs(id),
    enquiries.events(id, { limit: LISTED, reader: whoIsThis() }),
    (await app.candidates()).counts(id, whoIsThis()),
  ]);
  if (json)
    return screen.line(
      JSON.stringify({ ...enquiryJson(enquiry), ...counts, photographs, events }, undefined, 2),
    );
  for (const [name, value] of Object.entries(enquiryJson(enquiry)))
    if (value !== null) screen.line(`${name.padEnd(14)} ${printable(String(value))}`);
  screen.line(
    `${'candidates'.padEnd(14)} ${counts.candidates}, ${counts.secondLook} of them for your second look`,
  );
  for (const { imageId, taken } of photographs)
    screen.line(`photograph     ${imageId}${taken === undefined ? '' : `, taken ${taken}`}`);
  for (const { at, who, kind, from, to, note } of events.toReversed())
    screen.line(
      printable(
        `${at.slice(0, 16)}  ${who}  ${kind}${to === undefined ? '' : ` ${from} to ${to}`}${note === undefined ? '' : `: ${note}`}`,
      ),
    );
}
