import type { Log } from '../domain/ports.ts';
import { CLOCKS_DIFFER_MS } from '../domain/wrong-clock.ts';
import type { StorageAccount } from '../storage/account.ts';
import { containers, tables } from '../storage/names.ts';

const DAY_MS = 24 * 3_600_000;
/** A clock that has gone on by more since the last look is doubted: nobody was there to see it, or it has jumped. */
const MOST_MS = 14 * DAY_MS;
/** Further nights that a doubted clock has to go on for before it is taken at its word. */
const NIGHTS = 3;
/** Looks that are nearer are of one night. */
const NIGHT_MS = DAY_MS / 2;

/** From the look of one night to that of the next there is never as long. */
const MISSED_MS = DAY_MS + 3_600_000;

const PARTITION = 'retention';
const ROW = 'clock';

/** Why nothing is erased by the clock now. Times are milliseconds since the epoch. */
export interface ClockDoubt {
  /** `apart`: the storage service has another time. `jumped`: it has gone on, or back, by more than a machine is off for. */
  readonly why: 'apart' | 'jumped';
  /** What the clock said. */
  readonly now: number;
  /** What it is measured by: the storage service's time, or that of the last look that was believed. */
  readonly known: number;
}

interface Noted {
  /** The last time that was believed. */
  believed?: number;
  /** The last of those looks that were not, and how many nights they are. */
  doubted?: number;
  nights: number;
}

/**
 * Whether what has expired may be erased by this clock: once too early is for good. The time of Azure's storage service, a
 * clock of somebody else, decides where that is what answers. On one machine there is no other clock: one that has gone
 * on by more than two weeks since the last look, or back, is believed once it has gone on steadily for three more nights,
 * in which somebody can set it right.
 *
 * @param now milliseconds since the epoch
 * @returns undefined where it is believed; what was found is noted for `clockDoubt` either way
 */
export async function doubtClock(storage: StorageAccount, now: number): Promise<ClockDoubt | undefined> {
  const rows = storage.tables.table(tables.reconcile);
  const noted = await readNoted(storage);
  const azure = await storage.blobs.azureTime(containers.input);
  const doubt = judge(noted, now, azure);
  const { believed, doubted, nights } = doubt.noted;
  await rows.upsert(PARTITION, ROW, {
    believed: String(believed ?? ''),
    doubted: String(doubted ?? ''),
    nights: String(nights),
    doubt: doubt.found === undefined ? '' : JSON.stringify(doubt.found),
  });
  return doubt.found;
}

/** The same, and says so in the log. */
export async function isClockDoubted(storage: StorageAccount, now: number, log: Log): Promise<boolean> {
  const doubt = await doubtClock(storage, now);
  if (doubt === undefined) return false;
  const [clock, known] = [doubt.now, doubt.known].map((time) => new Date(time).toISOString());
  log.error('retention.held', { why: doubt.why, clock, known });
  return true;
}

/**
 * Whether a night has gone by without a look: a machine that is switched off at night would erase nothing, however long it
 * was due. Where no look was ever taken, this is the first: from it on is counted.
 *
 * @param now milliseconds since the epoch
 */
export async function isNightMissed(storage: StorageAccount, now: number): Promise<boolean> {
  const { believed, doubted } = await readNoted(storage);
  const last = doubted ?? believed;
  if (last !== undefined) return !goesOn(last, now, MISSED_MS);
  await doubtClock(storage, now);
  return false;
}

/** What the last look found, for those who run the app. */
export async function clockDoubt(storage: StorageAccount): Promise<ClockDoubt | undefined> {
  const row = await storage.tables.table(tables.reconcile).get(PARTITION, ROW);
  const doubt = String(row?.columns.doubt ?? '');
  return doubt === '' ? undefined : (JSON.parse(doubt) as ClockDoubt);
}

async function readNoted(storage: StorageAccount): Promise<Noted> {
  const row = await storage.tables.table(tables.reconcile).get(PARTITION, ROW);
  const time = (name: string) => {
    const text = String(row?.columns[name] ?? '');
    return text === '' ? {} : { [name]: Number(text) };
  };
  return { ...time('believed'), ...time('doubted'), nights: Number(row?.columns.nights ?? 0) };
}

function judge(
  { believed, doubted, nights }: Noted,
  now: number,
  azure: number | undefined,
): { noted: Noted; found?: ClockDoubt } {
  const trusted = { noted: { believed: now, nights: 0 } };
  const kept = believed === undefined ? {} : { believed };
  if (azure !== undefined) {
    if (Math.abs(azure - now) <= CLOCKS_DIFFER_MS) return trusted;
    return { noted: { ...kept, nights: 0 }, found: { why: 'apart', now, known: azure } };
  }
  if (believed === undefined || goesOn(believed, now, MOST_MS)) return trusted;
  const found = { why: 'jumped', now, known: believed } as const;
  if (doubted === undefined || !goesOn(doubted, now, Number.POSITIVE_INFINITY))
    return { noted: { believed, doubted: now, nights: 0 }, found };
  if (now - doubted < NIGHT_MS) return { noted: { believed, doubted, nights }, found };
  if (nights + 1 >= NIGHTS) return trusted;
  return { noted: { believed, doubted: now, nights: nights + 1 }, found };
}

const goesOn = (from: number, now: number, mostMs: number): boolean =>
  now >= from - CLOCKS_DIFFER_MS && now - from <= mostMs;

/** A doubt in words, and what to do about it. */
export function doubtInWords({ why, now, known }: ClockDoubt): { problem: string; remedy: string } {
  const [clock, other] = [now, known].map((time) => new Date(time).toISOString());
  return why === 'apart'
    ? {
        problem: `Nothing is erased by its age or expiry: the clock of the app says ${clock}, and that of the storage service ${other}.`,
        remedy: 'Set the clock right: the next night goes on by itself.',
      }
    : {
        problem: `Nothing is erased by its age or expiry: the clock says ${clock}, and was last believed at ${other}.`,
        remedy: `If it is wrong, set it right. If it is right (the app was off for long), there is nothing to do: after ${NIGHTS} more nights it is believed.`,
      };
}
