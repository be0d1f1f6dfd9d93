/**
 * Whether a colour profile is that of sRGB: to convert from it to sRGB changes nothing, and takes two thirds of the time
 * of decoding. Told by what the profile does and not by its name, which its makers choose. Source: ICC.1:2022, 7, 9.2,
 * 10.6, 10.18 and 10.31; IEC 61966-2-1.
 */

/** XYZ of the primaries of sRGB, adapted to D50. */
const PRIMARIES: Readonly<Record<string, readonly number[]>> = {
  rXYZ: [0.436, 0.2225, 0.0139],
  gXYZ: [0.3851, 0.7169, 0.0971],
  bXYZ: [0.1431, 0.0606, 0.7141],
};
const CURVES = ['rTRC', 'gTRC', 'bTRC'] as const;
/** A profile that looks colours up in tables does not do what its primaries say. */
const TABLES = ['A2B0', 'A2B1', 'A2B2'] as const;
/** Of a primary: published profiles round differently. */
const TOLERANCE = 0.002;
/** Of a curve, in what it is a curve of: one step of eight bits. */
const STEP = 1 / 255;
/** Where curves are held against each other. */
const POINTS = [0, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/** @returns false also for what cannot be read */
export function isSrgbProfile(profile: Buffer): boolean {
  try {
    if (profile.toString('latin1', 16, 20) !== 'RGB ' || profile.toString('latin1', 20, 24) !== 'XYZ ')
      return false;
    const tags = readTags(profile);
    if (TABLES.some((name) => tags.has(name))) return false;
    const isPrimary = ([name, expected]: readonly [string, readonly number[]]) => {
      const tag = tags.get(name);
      return tag !== undefined && expected.every((value, index) => isNear(fixed(tag, 8 + 4 * index), value));
    };
    const isCurve = (name: string) => {
      const tag = tags.get(name);
      return (
        tag !== undefined &&
        POINTS.every((point) => Math.abs(toEncoded(evaluate(tag, point)) - point) <= STEP)
      );
    };
    return Object.entries(PRIMARIES).every(isPrimary) && CURVES.every(isCurve);
  } catch (error) {
    // Of a file that breaks off.
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readTags(profile: Buffer): Map<string, Buffer> {
  const tags = new Map<string, Buffer>();
  const count = Math.min(profile.readUInt32BE(128), 100);
  for (let index = 0; index < count; index += 1) {
    const entry = 132 + 12 * index;
    const [from, length] = [profile.readUInt32BE(entry + 4), profile.readUInt32BE(entry + 8)];
    tags.set(profile.toString('latin1', entry, entry + 4), profile.subarray(from, from + length));
  }
  return tags;
}

/** s15Fixed16Number */
const fixed = (bytes: Buffer, at: number): number => bytes.readInt32BE(at) / 65_536;
const isNear = (value: number, expected: number): boolean => Math.abs(value - expected) <= TOLERANCE;
/** Light as sRGB has it, 0 to 1. Source: IEC 61966-2-1. */
const toEncoded = (light: number): number =>
  light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055;

/** What a curve makes of a value: a table, an exponent, or the function of type 3 of which sRGB is one. */
function evaluate(curve: Buffer, value: number): number {
  const kind = curve.toString('latin1', 0, 4);
  if (kind === 'para') {
    if (curve.readUInt16BE(8) !== 3) return Number.NaN;
    const [g = 0, a = 0, b = 0, c = 0, d = 0] = [12, 16, 20, 24, 28].map((at) => fixed(curve, at));
    return value >= d ? (a * value + b) ** g : c * value;
  }
  if (kind !== 'curv') return Number.NaN;
  const last = curve.readUInt32BE(8) - 1;
  // None is the identity, and one an exponent: neither is sRGB's.
  if (last < 1) return Number.NaN;
  const at = value * last;
  const lower = Math.min(Math.floor(at), last - 1);
  const entry = (index: number) => curve.readUInt16BE(12 + 2 * index) / 65_535;
  return entry(lower) + (entry(lower + 1) - entry(lower)) * (at - lower);
}
