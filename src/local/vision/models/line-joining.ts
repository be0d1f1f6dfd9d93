import { isGutter, splitAtGutters } from './gutters.ts';
import { boxAround, corners, type OrientedBox } from './oriented-box.ts';
import type { TextLine } from './text-line.ts';

/** In heights of the lower piece: how far apart, how far into each other and off one line its pieces may stand. */
const MAX_GAP = 0.7;
const MAX_OVERLAP = 1;
const MAX_OFFSET = 0.35;
const MAX_HEIGHT_RATIO = 1.6;
const MAX_TURN = Math.PI / 18;

/**
 * The detector cuts a line at wide spaces: puts neighbours of one height on one base line together again, unless
 * between them runs a gutter, however narrow.
 */
export function joinLines(pieces: readonly TextLine[]): TextLine[] {
  const lines: TextLine[] = [];
  const parts = splitAtGutters(pieces);
  const boxes = parts.map(({ box }) => box);
  for (const piece of parts.toSorted((a, b) => a.box.x - b.box.x)) {
    const at = lines.findIndex(
      (line) =>
        line.language === piece.language &&
        follows(line.box, piece.box) &&
        !isGutter(line.box, piece.box, boxes, piece.rightToLeft === true),
    );
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
    gap < MAX_GAP * low &&
    gap > -MAX_OVERLAP * low &&
    Math.abs(across) < MAX_OFFSET * low &&
    high < MAX_HEIGHT_RATIO * low &&
    Math.abs(left.angle - right.angle) < MAX_TURN
  );
}

function join(left: TextLine, right: TextLine): TextLine {
  const angle = left.box.width > right.box.width ? left.box.angle : right.box.angle;
  const words = joinWords(left, right);
  const characters = words.reduce((sum, word) => sum + word.text.length, 0);
  return {
    ...left,
    box: boxAround([...corners(left.box), ...corners(right.box)], angle),
    text: words.map((word) => word.text).join(' '),
    confidence: words.reduce((sum, word) => sum + word.confidence * word.text.length, 0) / characters,
    words,
  };
}

/** Where pieces overlap, the word between them is read twice, once cut off: the surer reading stays. */
function joinWords(left: TextLine, right: TextLine): TextLine['words'] {
  if (left.rightToLeft) return [...right.words, ...left.words];
  const [last, first] = [left.words.at(-1), right.words[0]];
  const double = last && first && (holdsCentre(left.box, first.box) || holdsCentre(right.box, last.box));
  if (!double) return [...left.words, ...right.words];
  return last.confidence < first.confidence
    ? [...left.words.slice(0, -1), ...right.words]
    : [...left.words, ...right.words.slice(1)];
}

function holdsCentre(box: OrientedBox, { x, y }: OrientedBox): boolean {
  const along = (x - box.x) * Math.cos(box.angle) + (y - box.y) * Math.sin(box.angle);
  return Math.abs(along) < box.width / 2;
}
