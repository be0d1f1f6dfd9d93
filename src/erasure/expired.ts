import type { Enquiries } from '../people/enquiry/enquiries.ts';
import type { JobSource } from '../pipeline/journal/journal-row.ts';
import type { Eraser } from './eraser.ts';
import type { ErasureParts } from './place.ts';
import type { Receipt } from './receipt.ts';
import { RETENTION } from './retention.ts';

/**
 * Erases what is in batches whose `expires` has passed, and images whose own has, with a receipt each. It needs no
 * RETENTION_DAYS: somebody has said of the batch when it ends.
 */
export async function eraseExpired(
  { batches, journal }: Pick<ErasureParts, 'batches' | 'journal'>,
  eraser: Eraser,
  now: number,
  signal: AbortSignal,
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  for await (const { batchId, consent, by } of batches.list()) {
    if (signal.aborted) break;
    if (consent.expires === undefined || Date.parse(consent.expires) > now) continue;
    // An empty batch needs no receipt every night.
    const { done } = await journal.idsOf(batchId).next();
    if (done) continue;
    const receipt = await eraser.erase(
      { kind: 'batch', batch: batchId },
      `${RETENTION}, expiry set by ${by}`,
      signal,
    );
    if (receipt) receipts.push(receipt);
  }
  // What a message says of its own image holds where nothing is said of the batch.
  const over: { image: string; batchId: string }[] = [];
  for await (const { id, batchId, consent } of endingBy(new Date(now), journal))
    if (consent?.expires !== undefined && Date.parse(consent.expires) <= now)
      over.push({ image: id, batchId });
  for (const { image, batchId } of over) {
    if (signal.aborted) break;
    if (await batches.get(batchId)) continue;
    const receipt = await eraser.erase({ kind: 'image', image }, RETENTION, signal);
    if (receipt) receipts.push(receipt);
  }
  return receipts;
}

/** The jobs whose own end may have come; all of them where the journal of an older version has no links by day yet. */
async function* endingBy(now: Date, journal: ErasureParts['journal']): AsyncGenerator<JobSource> {
  if (!(await journal.links.isDated())) {
    yield* journal.sources();
    return;
  }
  for await (const { id, batchId } of journal.links.days.endingBefore(now.toISOString())) {
    const entry = await journal.read(batchId, id);
    if (entry) yield entry.job;
  }
}

/** Enquiries in one look. */
const AT_ONCE = 50;

/** Erases enquiries that have expired, with their photographs, candidates and alerts, and a receipt each. */
export async function eraseExpiredEnquiries(
  app: { enquiries(): Promise<Pick<Enquiries, 'expired'>> },
  eraser: Eraser,
  now: number,
  signal: AbortSignal,
): Promise<Receipt[]> {
  const receipts: Receipt[] = [];
  const enquiries = await app.enquiries();
  for (;;) {
    const expired = await enquiries.expired(new Date(now).toISOString(), AT_ONCE);
    const begun = receipts.length;
    for (const { id } of expired) {
      if (signal.aborted) return receipts;
      const receipt = await eraser.erase({ kind: 'enquiry', enquiry: id }, RETENTION, signal);
      if (receipt && !receipts.some((one) => one.id === receipt.id)) receipts.push(receipt);
    }
    // Those that are still there could not be erased now: the next night goes on.
    if (expired.length < AT_ONCE || receipts.length === begun) return receipts;
  }
}

/** Persons in one receipt at most, and of one night: the next goes on. */
const PERSONS_AT_ONCE = 200;

/** Erases persons whose `expiryDate` has passed, with one receipt for all of them. */
export async function eraseExpiredPersons(
  app: Pick<ErasureParts, 'people'>,
  eraser: Pick<Eraser, 'erase'>,
  now: number,
  signal: AbortSignal,
): Promise<Receipt | undefined> {
  const { persons } = await app.people();
  const expired = await persons.expired(new Date(now).toISOString(), PERSONS_AT_ONCE);
  return expired.length === 0
    ? undefined
    : eraser.erase({ kind: 'person', persons: expired }, RETENTION, signal);
}
