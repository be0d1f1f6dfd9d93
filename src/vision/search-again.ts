import { pairByOverlap } from '../domain/overlap.ts';
import type { Rectangle } from '../domain/rectangle.ts';
import type { Face } from './face.ts';
import type { FaceMatch, FindOptions } from './gallery/find.ts';
import type { Gallery } from './gallery/gallery.ts';

/** The shortest time after which the Face service forgets a faceprint. */
const FACEPRINT_SECONDS = 60;

/**
 * Searches for the neighbours of a face that has been enrolled before: its faceprint is made again, for a service gives
 * out none that it keeps. Enrols nothing.
 *
 * @param rectangle where the face stands, pixels of the working image
 * @returns undefined where no face is found there any more
 */
export async function searchAgain(
  { face, gallery }: { face: Face; gallery: Pick<Gallery, 'find'> },
  bytes: Buffer,
  rectangle: Rectangle,
  options: FindOptions,
  signal: AbortSignal,
): Promise<FaceMatch[] | undefined> {
  const detected = await face.detect(bytes, { faceId: true, faceIdSeconds: FACEPRINT_SECONDS }, signal);
  const [at] = pairByOverlap(
    [rectangle],
    detected.map(({ faceRectangle }) => faceRectangle),
  );
  const faceId = at === undefined ? undefined : detected[at]?.faceId;
  return faceId === undefined ? undefined : gallery.find(faceId, options, signal);
}
