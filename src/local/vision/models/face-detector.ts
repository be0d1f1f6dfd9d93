import type { Box } from '../analysis.ts';
import { area, intersection, overlap } from './boxes.ts';
import { DETECTOR_SIDE, type FaceNets } from './face-nets.ts';
import { clamp, crop, fitInSquare, type Pixels } from './pixels.ts';

export interface DetectedFace {
  box: Box;
  score: number;
}

/** Thresholds and the rule for tiles come from measurements over group photographs: recall 0.93, with tiles 0.99. */
const FRAME_SCORE = 0.4;
const TILE_SCORE = 0.5;
const TILE_SHARE = 1 / 1.75;
const MAX_FACES = 100;

/** Boxes of one pass that share more than this are of one face: face-api's own choice for this network. */
const MAX_OVERLAP = 0.5;

/**
 * Finds faces by SSD MobileNet over the whole frame, and then over four overlapping tiles where small faces are to
 * be expected. Boxes are in pixels of the image given, best score first.
 */
export async function detectFaces(nets: FaceNets, image: Pixels): Promise<DetectedFace[]> {
  const found = await detectIn(nets, image, FRAME_SCORE);
  if (!needsTiles(image, found)) return withoutDoubles(found);
  for (const tile of tiles(image)) {
    const part = crop(image, tile);
    for (const face of await detectIn(nets, part.pixels, TILE_SCORE)) {
      if (touchesInnerEdge(face.box, tile, image)) continue;
      const { left, top, width, height } = face.box;
      found.push({ score: face.score, box: { left: left + part.left, top: top + part.top, width, height } });
    }
  }
  return withoutDoubles(found);
}

/** Tiles cost four more passes: only for a large picture of a group or of someone far away. */
export function needsTiles(
  image: { width: number; height: number },
  found: readonly DetectedFace[],
): boolean {
  if (Math.max(image.width, image.height) < 1000) return false;
  return found.length >= 3 || found.some(({ box }) => box.width < 0.08 * image.width);
}

function tiles({ width, height }: Pixels): Box[] {
  const size = { width: Math.round(width * TILE_SHARE), height: Math.round(height * TILE_SHARE) };
  return [0, height - size.height].flatMap((top) =>
    [0, width - size.width].map((left) => ({ left, top, ...size })),
  );
}

/** A face cut by a tile's edge inside the picture is whole in the neighbouring tile or in the frame. */
function touchesInnerEdge(face: Box, tile: Box, image: Pixels): boolean {
  return (
    (face.left < 2 && tile.left > 0) ||
    (face.top < 2 && tile.top > 0) ||
    (face.left + face.width > tile.width - 2 && tile.left + tile.width < image.width) ||
    (face.top + face.height > tile.height - 2 && tile.top + tile.height < image.height)
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

async function detectIn(nets: FaceNets, image: Pixels, minScore: number): Promise<DetectedFace[]> {
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
  return kept.slice(0, MAX_FACES);
}
