import { exifTexts } from './exif-texts.ts';

/** The tags that say a time together. Source: EXIF 2.31, 4.6.5 F and G. */
const TIMES = {
  DateTime: { time: 0x0132, offset: 0x9010, fraction: 0x9290 },
  DateTimeOriginal: { time: 0x9003, offset: 0x9011, fraction: 0x9291 },
  DateTimeDigitized: { time: 0x9004, offset: 0x9012, fraction: 0x9292 },
} as const;

export type ExifTimeName = keyof typeof TIMES;
export const EXIF_TIMES = Object.keys(TIMES) as ExifTimeName[];

const TAGS: ReadonlySet<number> = new Set(Object.values(TIMES).flatMap((tags) => Object.values(tags)));

/** As the standard has it, and as programs write it, an offset behind it included. */
const TIME =
  /^(\d{4})[:\-/.](\d\d)[:\-/.](\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?\s*(Z|[+-]\d\d:?\d\d)?$/;
const OFFSET = /^(?:Z|([+-])(\d\d):?(\d\d))$/;

/** Every time that the EXIF says: ISO 8601, with its offset from UTC where that is known and local where it is not. */
export function exifTimes(exif: Buffer): Partial<Record<ExifTimeName, string>> {
  const texts = exifTexts(exif, TAGS);
  const found: Partial<Record<ExifTimeName, string>> = {};
  for (const name of EXIF_TIMES) {
    const { time, offset, fraction } = TIMES[name];
    const iso = exifTime(texts.get(time), texts.get(offset), texts.get(fraction));
    if (iso !== undefined) found[name] = iso;
  }
  return found;
}

/**
 * @param offset of the field beside it, such as `+02:00`
 * @param fraction digits of the second, of the field beside it
 * @returns undefined where it is not a time: zeros and blanks stand for "not known"
 */
export function exifTime(time: string | undefined, offset?: string, fraction?: string): string | undefined {
  const parts = TIME.exec(bare(time));
  if (!parts) return undefined;
  const [, year = '', month = '', day = '', hour = '', minute = '', second = '', own, suffix] = parts;
  if (!isDay(Number(year), Number(month), Number(day))) return undefined;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const digits = own ?? (/^\d{1,9}$/.test(bare(fraction)) ? bare(fraction) : '');
  return `${year}-${month}-${day}T${hour}:${minute}:${second}${digits === '' ? '' : `.${digits}`}${
    isoOffset(suffix) ?? isoOffset(bare(offset)) ?? ''
  }`;
}

const bare = (text: string | undefined): string => (text ?? '').replaceAll('\0', ' ').trim();

function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return year > 0 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function isoOffset(text: string | undefined): string | undefined {
  const parts = OFFSET.exec(text ?? '');
  if (!parts) return undefined;
  const [all, sign, hours, minutes] = parts;
  if (all === 'Z') return 'Z';
  if (Number(hours) > 14 || Number(minutes) > 59) return undefined;
  return `${sign}${hours}:${minutes}`;
}
