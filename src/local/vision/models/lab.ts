/** A colour in CIE LAB (D65): lightness 0 to 100, and two opponent axes, 0 being grey. */
export type Lab = readonly [l: number, a: number, b: number];

/** sRGB, whole numbers from 0 to 255, to CIE LAB. */
export function toLab(red: number, green: number, blue: number): Lab {
  const r = LINEAR[red] ?? 0;
  const g = LINEAR[green] ?? 0;
  const b = LINEAR[blue] ?? 0;
  const x = curve((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = curve(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = curve((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** Distance from grey. */
export function chroma(lab: Lab): number {
  return Math.hypot(lab[1], lab[2]);
}

function linear(channel: number): number {
  const value = channel / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Of each value of a channel, for a power is slow and a picture has thousands of them. */
const LINEAR = Float64Array.from({ length: 256 }, (_, channel) => linear(channel));

function curve(t: number): number {
  return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116;
}
