import { flipped, type ReadLine, readLine } from './line-reading.ts';
import { type OrientedBox, slice } from './oriented-box.ts';
import type { Pixels } from './pixels.ts';
import { runsDown, waysToRead } from './text-direction.ts';
import type { TextNets } from './text-nets.ts';

/** More regions than this are text: the detector errs on a photograph in one or two places. */
const FEW = 6;

/** Heights of a region that are read of it: its beginning says as much as its whole. */
const SHOWN = 12;

/**
 * What a region says at least: mean confidence of its characters, or, since what stands on its head or in another
 * script is read badly but at length, their sum. Faces and patterns, which the detector is as sure of as of text,
 * give nothing, or a character or two that the recogniser doubts (measured on rendered portraits).
 */
const LIKELY = 0.5;
const MUCH = 1.2;

/** A letter alone must be surer: an eye is a doubtful "0". */
const LIKELY_ALONE = 0.75;

/** Whether any of the regions that a look at a small copy found says something: reading a little costs less than looking again. */
export async function saysSomething(
  nets: TextNets,
  image: Pixels,
  regions: readonly OrientedBox[],
): Promise<boolean> {
  if (regions.length > FEW) return true;
  const down = runsDown(regions);
  for (const region of regions.toSorted((a, b) => elongation(b) - elongation(a))) {
    for (const way of waysToRead(region, down)) {
      for (const box of [way, flipped(way)]) {
        const beginning = slice(box, 0, Math.min(1, (SHOWN * box.height) / box.width));
        if (isLikelyText(await readLine(nets, image, beginning))) return true;
      }
    }
  }
  return false;
}

function isLikelyText({ confidence, characters }: ReadLine): boolean {
  return confidence >= (characters === 1 ? LIKELY_ALONE : LIKELY) || confidence * characters >= MUCH;
}

/** A line of text is longer than it is high; what is square may be a face. */
function elongation({ width, height }: OrientedBox): number {
  return Math.max(width / height, height / width);
}
