/**
 * The longer side at which models see an image: more than any of them resolves, and a bound on memory. One more than
 * twice as long as it is wide keeps more of its length, for it is seen in windows: as many pixels as a square has.
 */
export const WORKING_SIDE = 2560;
const ELONGATED = 2;

/** The longer side of an overview, at least and at most: all that is seen of a picture without looking closely at a part. */
const OVERVIEW = { least: 1024, most: 1280 };

/** libjpeg unpacks a picture to one of these shares of its size for a part of what the whole takes. */
const SHARES = [8, 4, 2] as const;

/** The longer side, at most, of the working copy of an image. */
export function workingSide(width: number, height: number): number {
  const elongation = Math.max(width, height) / Math.min(width, height);
  return elongation > ELONGATED ? Math.round(WORKING_SIDE * Math.sqrt(elongation)) : WORKING_SIDE;
}

/**
 * The longer side of the overview that a JPEG is unpacked to for much less than to its working copy. Undefined where
 * there is none: the picture is too small for that, or so long that it is seen in windows.
 */
export function overviewSide(width: number, height: number): number | undefined {
  const longer = Math.max(width, height);
  if (longer >= ELONGATED * Math.min(width, height)) return undefined;
  // sharp unpacks to a share only if what is wanted is smaller still, by a whole step: what rounds is to round once.
  const sides = SHARES.map((share) => Math.floor(longer / (share + 1)));
  const side = sides.find((each) => each >= OVERVIEW.least);
  return side && Math.min(OVERVIEW.most, side);
}
