import { overlap } from '../../../domain/overlap.ts';
import type { Box } from '../analysis.ts';
import { area, intersection } from '../geometry.ts';
import { DETECTOR_SIDE, type FaceNets } from './face-nets.ts';
import { clamp, crop, fitInSquare, type Pixels } from './pixels.ts';

export interface DetectedFace {
  box: Box;
  score: number;
}

/** Thresholds come from measurements over group photographs: recall 0.93, with tiles 0.99. */
const FRAME_SCORE = 0.4;
const TILE_SCORE = 0.5;
const TILE_SHARE = 1 / 1.75;

/** A picture more than this many times as long as it is high is seen in windows along its length. */
const ELONGATED = 2;
/** Length of a window, and what neighbours share of it, in heights of the picture. */
const WINDOW = { length: 1.5, overlap: 0.5 };

/**
 * What makes tiles pay: a face this small in the detector's own picture (pixels), a trace of one that is not sure
 * enough to count, or so many that some stand behind others.
 */
const SMALL = 40;
const TRACE_SCORE = 0.15;
const CROWD = 6;

/** Boxes of one pass that share more than this are of one face: face-api's own choice for this network. */
const MAX_OVERLAP = 0.5;

/** Finds faces by SSD MobileNet. Boxes are in pixels of the image given, best score first. */
export async function detectFaces(nets: FaceNets, image: Pixels): Promise<DetectedFace[]> {
  const found: DetectedFace[] = [];
  for (const window of windowsOf(image)) {
    const isWhole = window.width === image.width && window.height === image.height;
    const inWindow = await detectInWindow(nets, isWhole ? image : crop(image, window).pixels);
    found.push(...placed(inWindow, window, image));
  }
  return withoutDoubles(found);
}

/** The whole picture, or overlapping parts along its longer side, so that what one cuts another shows whole. */
export function windowsOf({ width, height }: { width: number; height: number }): Box[] {
  const [long, short] = [Math.max(width, height), Math.min(width, height)];
  if (long <= ELONGATED * short) return [{ left: 0, top: 0, width, height }];
  const length = Math.round(WINDOW.length * short);
  const count = Math.ceil((long - WINDOW.overlap * short) / (length - WINDOW.overlap * short));
  return Array.from({ length: count }, (_, i) => {
    const from = Math.round((i * (long - length)) / (count - 1));
    return width > height
      ? { left: from, top: 0, width: length, height }
      : { left: 0, top: from, width, height: length };
  });
}

async function detectInWindow(nets: FaceNets, image: Pixels): Promise<DetectedFace[]> {
  const candidates = await detectIn(nets, image, TRACE_SCORE);
  const found = candidates.filter(({ score }) => score > FRAME_SCORE);
  if (!needsTiles(image, candidates)) return found;
  for (const tile of tilesOf(image)) {
    const { pixels } = crop(image, tile);
    found.push(...placed(await detectIn(nets, pixels, TILE_SCORE), tile, image));
  }
  return found;
}

/** Tiles cost four more passes: only for a large picture of a crowd or of someone far away. */
export function needsTiles(
  image: { width: number; height: number },
  candidates: readonly DetectedFace[],
): boolean {
  const longer = Math.max(image.width, image.height);
  // Below, a tile shows no more than the frame does.
  if (longer < 1000) return false;
  const seen = (length: number) => (length / longer) * DETECTOR_SIDE;
  return (
    candidates.filter(({ score }) => score > FRAME_SCORE).length >= CROWD ||
    candidates.some(({ box, score }) => seen(box.width) < SMALL && score > TRACE_SCORE)
  );
}

function tilesOf({ width, height }: Pixels): Box[] {
  const size = { width: Math.round(width * TILE_SHARE), height: Math.round(height * TILE_SHARE) };
  return [0, height - size.height].flatMap((top) =>
    [0, width - size.width].map((left) => ({ left, top, ...size })),
  );
}

/** Faces of a part in the whole. One cut by an edge inside the picture is whole in another part. */
function placed(faces: readonly DetectedFace[], part: Box, whole: Pixels): DetectedFace[] {
  return faces
    .filter(({ box }) => !touchesInnerEdge(box, part, whole))
    .map(({ box, score }) => ({
      score,
      box: { ...box, left: box.left + part.left, top: box.top + part.top },
    }));
}

function touchesInnerEdge(face: Box, part: Box, whole: Pixels): boolean {
  return (
    (face.left < 2 && part.left > 0) ||
    (face.top < 2 && part.top > 0) ||
    (face.left + face.width > part.width - 2 && part.left + part.width < whole.width) ||
    (face.top + face.height > part.height - 2 && part.top + part.height < whole.height)
  );
}

/** Keeps the best of boxes that show one face: much overlap, or one nearly inside the other. */
export function withoutDoubles(faces: readonly DetectedFace[]): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const face of faces.toSorted((a, b) => b.score - a.score)) {
    const double = kept.some(({ box }) => {
      const smaller = Math.min(area(box), area(face.box));
      return overlap(box, face.box) > 0.35 || intersection(box, face.box) > 0.65 * smaller;
    });
    if (!double) kept.push(face);
  }
  return kept;
}

/** One pass of the network over a picture. */
export async function detectIn(nets: FaceNets, image: Pixels, minScore: number): Promise<DetectedFace[]> {
  const { boxes, scores } = await nets.detect(await fitInSquare(image, DETECTOR_SIDE, 'corner'));
  const found: DetectedFace[] = [];
  // One side of the square is the longer side of the image.
  const unit = Math.max(image.width, image.height);
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i] ?? 0;
    if (score <= minScore) continue;
    const [top, left, bottom, right] = [0, 1, 2, 3].map(
      (side) => clamp(boxes[4 * i + side] ?? 0, 0, 1) * unit,
    ) as Sides;
    found.push({ score, box: { left, top, width: right - left, height: bottom - top } });
  }
  return suppress(found);
}

type Sides = [top: number, left: number, bottom: number, right: number];

/** Non-maximum suppression: anchors beside each other find the same face. Best first. */
function suppress(found: readonly DetectedFace[]): DetectedFace[] {
  const kept: DetectedFace[] = [];
  for (const face of found.toSorted((a, b) => b.score - a.score)) {
    if (kept.every(({ box }) => overlap(box, face.box) <= MAX_OVERLAP)) kept.push(face);
  }
  return kept;
}
