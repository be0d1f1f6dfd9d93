interface Cropped {
  width: number | null;
  height: number | null;
  /** The middle of what is to be seen, as shares of width and height. */
  focus: { x: number; y: number } | null;
}

/** Where faces are looked for in a portrait of which nothing is known: above the middle. */
const OTHERWISE = '50% 30%';

/**
 * `object-position` by which a picture that fills a box (`object-fit: cover`) shows its focus as near to the middle of
 * the box as its edges allow.
 *
 * @param box width of the box by its height
 */
export function cropPosition({ width, height, focus }: Cropped, box: number): string {
  if (focus === null || !width || !height) return OTHERWISE;
  const shape = width / height;
  // Of one axis everything is seen; of the other this share.
  const position = (middle: number, seen: number): number =>
    seen >= 1 ? 0.5 : Math.min(1, Math.max(0, (middle - seen / 2) / (1 - seen)));
  const x = position(focus.x, box / shape);
  const y = position(focus.y, shape / box);
  return `${(x * 100).toFixed(1)}% ${(y * 100).toFixed(1)}%`;
}
