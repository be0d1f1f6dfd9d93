import { boxAround, corners, type OrientedBox } from './oriented-box.ts';

/** A recognised line, or a piece of one, with its words. */
export interface TextLine {
  box: OrientedBox;
  text: string;
  /** Mean over its characters, 0 to 1. */
  confidence: number;
  words: Array<{ text: string; confidence: number; box: OrientedBox }>;
}

/** In heights of the lower piece: how far apart, and how far off the common line, pieces of one line may stand. */
const MAX_GAP = 0.7;
const MAX_OFFSET = 0.35;
const MAX_HEIGHT_RATIO = 1.6;
const MAX_TURN = Math.PI / 18;

/** The detector cuts a line at wide spaces: puts neighbours of one height on one base line together again. */
export function joinLines(pieces: readonly TextLine[]): TextLine[] {
  const lines: TextLine[] = [];
  for (const piece of pieces.toSorted((a, b) => a.box.x - b.box.x)) {
    const at = lines.findIndex((line) => follows(line.box, piece.box));
    const line = lines[at];
    if (line === undefined) lines.push(piece);
    else lines[at] = join(line, piece);
  }
  return lines;
}

function follows(left: OrientedBox, right: OrientedBox): boolean {
  const [dx, dy] = [right.x - left.x, right.y - left.y];
  const along = dx * Math.cos(left.angle) + dy * Math.sin(left.angle);
  const across = dy * Math.cos(left.angle) - dx * Math.sin(left.angle);
  const gap = along - (left.width + right.width) / 2;
  const [low, high] = [Math.min(left.height, right.height), Math.max(left.height, right.height)];
  return (
    along > 0 &&
    Math.abs(gap) < MAX_GAP * low &&
    Math.abs(across) < MAX_OFFSET * low &&
    high < MAX_HEIGHT_RATIO * low &&
    Math.abs(left.angle - right.angle) < MAX_TURN
  );
}

function join(left: TextLine, right: TextLine): TextLine {
  const angle = left.box.width > right.box.width ? left.box.angle : right.box.angle;
  const [one, two] = [left.text.length, right.text.length];
  return {
    box: boxAround([...corners(left.box), ...corners(right.box)], angle),
    text: `${left.text} ${right.text}`,
    confidence: (left.confidence * one + right.confidence * two) / (one + two),
    words: [...left.words, ...right.words],
  };
}
