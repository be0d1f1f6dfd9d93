import { type Clock, type Log, silentLog } from '../domain/ports.ts';
import type { Eraser } from '../erasure/eraser.ts';
import { isAllowedHost } from '../imaging/foreign/host.ts';
import type { People } from '../people/people.ts';
import type { PfifPerson } from '../people/pfif/fields.ts';
import type { PfifLedger } from '../people/pfif/ledger.ts';
import { addPhotograph, type EnquiryDeps, openEnquiry } from './enquiry.ts';
import type { PfifImportDeps } from './pfif-import.ts';

/** What an import goes by, of the app. */
interface PfifApp extends EnquiryDeps {
  readonly clock: Clock;
  people(): Promise<People>;
  pfif(): Promise<PfifLedger>;
  /** Fetches an image from an allowed host. */
  fetchImage(url: string): Promise<Buffer>;
  eraser(log: Log): Promise<Pick<Eraser, 'erase'>>;
}

/**
 * Photographs come from beside the file where there is one, else from the record's own address, where that is of an
 * allowed host; nothing is fetched from anywhere else.
 *
 * @param beside finds the photograph of a record beside the file
 */
export async function pfifImportDeps(
  app: PfifApp,
  who: string,
  beside: (record: PfifPerson) => Promise<Buffer | undefined> = async () => undefined,
): Promise<PfifImportDeps> {
  return {
    people: await app.people(),
    ledger: await app.pfif(),
    clock: app.clock,
    erasePersons: async (persons, signal) =>
      (await app.eraser(silentLog)).erase({ kind: 'person', persons }, who, signal),
    openEnquiry: async (values) => (await openEnquiry(values, who, app)).id,
    addPhotograph: (enquiry, bytes) => addPhotograph(enquiry, { bytes }, who, app),
    photograph: async (record) => {
      const found = await beside(record);
      if (found || record.photo_url === undefined) return found;
      const host = URL.parse(record.photo_url)?.hostname ?? '';
      return isAllowedHost(host, app.settings.ALLOWED_IMAGE_HOSTS)
        ? app.fetchImage(record.photo_url)
        : undefined;
    },
  };
}
