import type { Clock } from '../domain/ports.ts';
import type { People } from '../people/people.ts';
import { PfifFileError } from '../people/pfif/faults.ts';
import type { PfifPerson } from '../people/pfif/fields.ts';
import type { PfifLedger, SoughtPerson } from '../people/pfif/ledger.ts';
import { type PfifEntry, readPfif, refusalSentence } from '../people/pfif/read.ts';
import { type Given, type Taken, takeRecords } from '../people/pfif/take-records.ts';

export interface PfifImportDeps {
  readonly people: People;
  readonly ledger: PfifLedger;
  readonly clock: Clock;
  /** Erases persons whose time is over, with a receipt. @param ids of them */
  erasePersons(ids: readonly string[], signal: AbortSignal): Promise<unknown>;
  /** Opens an enquiry for somebody who is sought. @returns its id */
  openEnquiry(values: {
    sought: string;
    purpose: string;
    legalBasis: string;
    minor: boolean;
    expires?: string;
  }): Promise<string>;
  /** Takes a photograph into an enquiry. */
  addPhotograph(enquiryId: string, bytes: Buffer): Promise<unknown>;
  /** The photograph of a record, from beside the file or from an allowed host; undefined where there is none. */
  photograph(record: PfifPerson): Promise<Buffer | undefined>;
}

export interface PfifImportOptions {
  /** What the records are kept for, and on what ground of law. */
  readonly purpose: string;
  readonly legalBasis: string;
  /** Whether notes that somebody is dead are taken: that needs a role of its own. */
  readonly deaths: boolean;
  /** Whether enquiries are opened for those whom a record says to be sought. */
  readonly enquiries: boolean;
  /** Of our own records' ids. */
  readonly domain?: string | undefined;
}

export interface PfifImportReport {
  readonly persons: Record<Taken, number>;
  readonly notes: Record<Taken, number>;
  /** Records that could not be read, and why; the first hundred in sentences. */
  readonly refused: { count: number; sentences: string[] };
  readonly enquiries: number;
  readonly photographs: { taken: number; failed: number };
  /** How often a field was left out because of its value, and how often one that PFIF does not have was met. */
  readonly leftOut: Record<string, number>;
  readonly unknown: Record<string, number>;
  /** Why reading ended before the end of the file. */
  readonly ended: { code: string; message: string } | null;
}

/** Records that are written in one transaction. */
const AT_ONCE = 100;
const MOST_SENTENCES = 100;
/** Names of fields that are counted each by itself; somebody may have thought of very many. */
const MOST_NAMES = 50;

const none = (): Record<Taken, number> => ({
  made: 0,
  changed: 0,
  unchanged: 0,
  keptOurs: 0,
  expired: 0,
  erasedHere: 0,
  ourOwn: 0,
  noPerson: 0,
  deathNotAllowed: 0,
});

/**
 * Takes a PFIF file in: persons, what is said of them, and enquiries for those who are sought. Some records at a time are
 * one transaction, so that it can be broken off and done again at any point; a record that is here is not made twice, one
 * that was erased here does not come back, and one whose time is over goes.
 *
 * @param chunks the bytes of the file
 * @param onRefused hears of every record that could not be read
 */
export async function importPfif(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  who: string,
  options: PfifImportOptions,
  deps: PfifImportDeps,
  signal: AbortSignal,
  onRefused: (sentence: string) => void = () => {},
): Promise<PfifImportReport> {
  const report = {
    persons: none(),
    notes: none(),
    enquiries: 0,
    photographs: { taken: 0, failed: 0 },
    refused: { count: 0, sentences: [] as string[] },
    leftOut: {} as Record<string, number>,
    unknown: {} as Record<string, number>,
    ended: null as PfifImportReport['ended'],
  };
  let waiting: Given[] = [];
  const flush = async () => {
    if (waiting.length === 0) return;
    const given = waiting;
    waiting = [];
    const { purpose, legalBasis, deaths, domain } = options;
    const take = { by: who, purpose, legalBasis, deaths, domain, now: deps.clock() };
    const { taken, expired } = await takeRecords(deps.people, given, take);
    taken.forEach((how, at) => {
      report[given[at]?.kind === 'person' ? 'persons' : 'notes'][how] += 1;
    });
    if (expired.length > 0) await deps.erasePersons(expired, signal);
  };
  try {
    for await (const entry of readPfif(chunks)) {
      signal.throwIfAborted();
      if (entry.kind === 'refused') {
        const sentence = refusalSentence(entry);
        report.refused.count += 1;
        if (report.refused.sentences.length < MOST_SENTENCES) report.refused.sentences.push(sentence);
        onRefused(sentence);
        continue;
      }
      count(report, entry);
      waiting.push(entry);
      if (waiting.length >= AT_ONCE) await flush();
    }
  } catch (error) {
    if (!(error instanceof PfifFileError)) throw error;
    report.ended = { code: error.code, message: error.message };
  }
  await flush();
  if (options.enquiries) await openEnquiries(report, options, deps, signal);
  return report;
}

function count(
  { leftOut, unknown }: { leftOut: Record<string, number>; unknown: Record<string, number> },
  entry: Exclude<PfifEntry, { kind: 'refused' }>,
): void {
  for (const { field } of entry.leftOut) leftOut[field] = (leftOut[field] ?? 0) + 1;
  for (const name of entry.unknown) {
    const known = Object.hasOwn(unknown, name) || Object.keys(unknown).length < MOST_NAMES;
    const key = known ? name.slice(0, 100) : 'others';
    unknown[key] = (unknown[key] ?? 0) + 1;
  }
}

async function openEnquiries(
  report: { enquiries: number; photographs: { taken: number; failed: number } },
  { purpose, legalBasis }: PfifImportOptions,
  deps: PfifImportDeps,
  signal: AbortSignal,
): Promise<void> {
  for (let after: string | undefined; ; ) {
    const sought = await deps.ledger.sought({ limit: AT_ONCE, ...(after !== undefined && { after }) });
    for (const one of sought) {
      signal.throwIfAborted();
      const expires = one.record.expiry_date;
      const enquiry = await deps.openEnquiry({
        sought: one.personId,
        purpose,
        legalBasis,
        minor: one.minor,
        ...(expires !== undefined && { expires: new Date(Date.parse(expires)).toISOString() }),
      });
      await deps.ledger.enquiryOpened(one.personId, enquiry);
      report.enquiries += 1;
      await addPhotograph(report, enquiry, one, deps);
    }
    const last = sought.at(-1);
    if (sought.length < AT_ONCE || !last) return;
    after = last.personId;
  }
}

/** What goes wrong with one photograph ends no import: the enquiry is there, and can be given another. */
async function addPhotograph(
  { photographs }: { photographs: { taken: number; failed: number } },
  enquiry: string,
  { record }: SoughtPerson,
  deps: PfifImportDeps,
): Promise<void> {
  try {
    const bytes = await deps.photograph(record);
    if (!bytes) return;
    await deps.addPhotograph(enquiry, bytes);
    photographs.taken += 1;
  } catch {
    photographs.failed += 1;
  }
}
