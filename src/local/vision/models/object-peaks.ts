import { COCO_LABELS } from './coco-labels.ts';

/** Cells along each side of CenterNet's maps, and pixels of its picture along each side of a cell. */
const CELLS = 128;
const CELL_SIDE = 4;

const CLASSES = COCO_LABELS.length;

/** More are never given: what the package's own network keeps. */
const MOST = 100;

/** The middle of a thing: where it is likelier than in the cells around. */
export interface Peak {
  /** 0 to 1. */
  score: number;
  /** Of {@link COCO_LABELS}. */
  index: number;
  /** Left, top, right and bottom in pixels of the network's picture; they may reach beyond it. */
  sides: readonly [number, number, number, number];
}

/** What CenterNet says of each cell, row by row. */
export interface ObjectMaps {
  /** Logits, one for every class. */
  likelihoods: Float32Array;
  /** The highest of them. */
  highest: Float32Array;
  /** How far a thing in its middle reaches to the left, top, right and bottom, in pixels. */
  sizes: Float32Array;
}

/** The peaks of CenterNet's maps (Zhou et al., "Objects as Points", 2019) that reach a score, best first. */
export function objectPeaks({ likelihoods, highest, sizes }: ObjectMaps, minScore: number): Peak[] {
  const least = Math.log(minScore / (1 - minScore));
  const peaks: Peak[] = [];
  for (let cell = 0; cell < highest.length; cell++) {
    if ((highest[cell] as number) < least) continue;
    const [x, y] = [(cell % CELLS) * CELL_SIDE, Math.floor(cell / CELLS) * CELL_SIDE];
    const [left = 0, top = 0, right = 0, bottom = 0] = sizes.subarray(4 * cell, 4 * cell + 4);
    for (let index = 0; index < CLASSES; index++) {
      const at = cell * CLASSES + index;
      const likelihood = likelihoods[at] as number;
      if (likelihood < least || !isPeak(likelihoods, at)) continue;
      const score = 1 / (1 + Math.exp(-likelihood));
      peaks.push({ score, index, sides: [x - left, y - top, x + right, y + bottom] });
    }
  }
  return peaks.sort((a, b) => b.score - a.score).slice(0, MOST);
}

function isPeak(likelihoods: Float32Array, at: number): boolean {
  const cell = Math.floor(at / CLASSES);
  const [column, row] = [cell % CELLS, Math.floor(cell / CELLS)];
  const own = likelihoods[at] as number;
  for (let y = Math.max(0, row - 1); y <= Math.min(CELLS - 1, row + 1); y++)
    for (let x = Math.max(0, column - 1); x <= Math.min(CELLS - 1, column + 1); x++)
      if ((likelihoods[(y * CELLS + x) * CLASSES + (at % CLASSES)] as number) > own) return false;
  return true;
}
