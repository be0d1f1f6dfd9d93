/** Fields whose meaning stands in another: the sign of a coordinate, the unit of a number. Source: EXIF 2.31, 4.6.6. */

type Fields = Readonly<Record<string, unknown>>;

/** By coordinate, where its hemisphere stands, and which of its letters mean what. */
const COORDINATES: Readonly<Record<string, { ref: string; plus: string; minus: string; most: number }>> = {
  GPSLatitude: { ref: 'GPSLatitudeRef', plus: 'N', minus: 'S', most: 90 },
  GPSLongitude: { ref: 'GPSLongitudeRef', plus: 'E', minus: 'W', most: 180 },
  GPSDestLatitude: { ref: 'GPSDestLatitudeRef', plus: 'N', minus: 'S', most: 90 },
  GPSDestLongitude: { ref: 'GPSDestLongitudeRef', plus: 'E', minus: 'W', most: 180 },
};

/** By number, the field that says what it counts: kept beside it, under its own name. */
export const UNITS: Readonly<Record<string, string>> = {
  GPSSpeed: 'GPSSpeedRef',
  GPSTrack: 'GPSTrackRef',
  GPSImgDirection: 'GPSImgDirectionRef',
  GPSDestBearing: 'GPSDestBearingRef',
  GPSDestDistance: 'GPSDestDistanceRef',
  XResolution: 'ResolutionUnit',
  YResolution: 'ResolutionUnit',
  FocalPlaneXResolution: 'FocalPlaneResolutionUnit',
  FocalPlaneYResolution: 'FocalPlaneResolutionUnit',
};

/** Decimals of a degree that are kept: seven are a centimetre. */
const DECIMALS = 7;

/**
 * What the field means by itself: a coordinate in decimal degrees, south and west negative; a height in metres, below the
 * sea negative; the time of the satellites with its day, in UTC.
 *
 * @returns `undefined` for a field that means what it says; `absent` where it cannot be said what it means: a coordinate
 *   without its hemisphere would be another place
 */
export function placeValue(name: string, fields: Fields): number | string | 'absent' | undefined {
  const coordinate = COORDINATES[name];
  if (coordinate) return signedDegrees(fields[name], fields[coordinate.ref], coordinate) ?? 'absent';
  if (name === 'GPSAltitude') return signedMetres(fields[name], fields.GPSAltitudeRef) ?? 'absent';
  if (name === 'GPSTimeStamp') return satelliteTime(fields[name], fields.GPSDateStamp) ?? 'absent';
  if (name === 'GPSDateStamp') return isoDay(fields[name]) ?? 'absent';
  return undefined;
}

const numbers = (value: unknown): number[] =>
  [value].flat().filter((one): one is number => typeof one === 'number' && Number.isFinite(one));

const letter = (value: unknown): string =>
  typeof value === 'string' ? value.replaceAll('\0', '').trim().toUpperCase() : '';

function signedDegrees(
  value: unknown,
  ref: unknown,
  { plus, minus, most }: { plus: string; minus: string; most: number },
): number | undefined {
  const parts = numbers(value);
  const [degrees, minutes = 0, seconds = 0] = parts;
  if (degrees === undefined || parts.length !== [value].flat().length || parts.length > 3) return undefined;
  const size = degrees + minutes / 60 + seconds / 3600;
  const sign = letter(ref) === plus ? 1 : letter(ref) === minus ? -1 : undefined;
  if (sign === undefined || size < 0 || size > most) return undefined;
  const rounded = Number((sign * size).toFixed(DECIMALS));
  return rounded === 0 ? 0 : rounded;
}

/** Above the sea where nothing else is said: that is the standard's default. */
function signedMetres(value: unknown, ref: unknown): number | undefined {
  const [metres, ...more] = numbers(value);
  if (metres === undefined || more.length > 0) return undefined;
  const below = ref === 1 || (Buffer.isBuffer(ref) && ref[0] === 1);
  return below && metres !== 0 ? -metres : metres;
}

function satelliteTime(value: unknown, date: unknown): string | undefined {
  const [hours = -1, minutes = -1, seconds = -1] = numbers(value);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59 || seconds < 0 || seconds >= 61)
    return undefined;
  const two = (part: number) => String(Math.floor(part)).padStart(2, '0');
  const day = isoDay(date);
  return `${day === undefined ? '' : `${day}T`}${two(hours)}:${two(minutes)}:${two(seconds)}Z`;
}

function isoDay(value: unknown): string | undefined {
  const [, year, month, day] = /^(\d{4})[:-](\d\d)[:-](\d\d)$/.exec(letter(value)) ?? [];
  const date = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // What is no day is no number, and equals nothing.
  return date.getUTCDate() === Number(day) ? `${year}-${month}-${day}` : undefined;
}
