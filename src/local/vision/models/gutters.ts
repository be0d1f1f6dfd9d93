import { mean } from './ctc.ts';
import { boxAround, corners, type OrientedBox } from './oriented-box.ts';
import type { TextLine } from './text-line.ts';

/** So many pieces in other rows that begin where a piece begins make it the beginning of a line in a column. */
const COLUMN = 3;

/** In heights: how far apart beginnings in one column stand at most, and how long what stands before them is at least. */
const ALIGNED = 0.35;
const LABEL = 4;

/** How much wider than the spaces of its line a gutter is. */
const WIDE = 1.6;

const startOf = ({ x, width }: OrientedBox): number => x - width / 2;
const endOf = ({ x, width }: OrientedBox): number => x + width / 2;

/**
 * Whether a gutter runs between two boxes of one row on an upright page: the second begins where others in other rows
 * do. A number or a bullet before each line of a list is no column, and belongs to its line.
 */
export function isGutter(
  left: OrientedBox,
  right: OrientedBox,
  all: readonly OrientedBox[],
  rightToLeft: boolean,
): boolean {
  const [edge, own, label] = rightToLeft ? [endOf, left, right] : [startOf, right, left];
  return label.width >= LABEL * label.height && standsInColumn(edge, own, all);
}

function standsInColumn(
  edge: (box: OrientedBox) => number,
  own: OrientedBox,
  all: readonly OrientedBox[],
): boolean {
  const aligned = all.filter(
    (other) =>
      Math.abs(edge(other) - edge(own)) < ALIGNED * own.height && Math.abs(other.y - own.y) > own.height / 2,
  );
  return aligned.length >= COLUMN;
}

/** The detector takes lines of two columns for one where the gutter is narrow: they are parted where it runs. */
export function splitAtGutters(lines: readonly TextLine[]): TextLine[] {
  const beginnings = lines.flatMap(({ box, words: [first] }) =>
    first === undefined ? [] : [{ ...first.box, y: box.y }],
  );
  return lines.flatMap((line) => {
    const gaps = line.words.slice(1).map((word, i) => startOf(word.box) - endOf((line.words[i] ?? word).box));
    const at = line.rightToLeft
      ? -1
      : line.words.findIndex((word, i) => {
          const others = gaps.filter((_, gap) => gap !== i - 1);
          const gap = gaps[i - 1];
          if (gap === undefined || others.length === 0 || gap < WIDE * mean(others)) return false;
          const before = endOf((line.words[i - 1] ?? word).box) - startOf((line.words[0] ?? word).box);
          const start = { ...word.box, y: line.box.y, height: line.box.height };
          return before >= LABEL * line.box.height && standsInColumn(startOf, start, beginnings);
        });
    return at < 1 ? [line] : [part(line, 0, at), part(line, at, line.words.length)];
  });
}

function part(line: TextLine, from: number, to: number): TextLine {
  const words = line.words.slice(from, to);
  const characters = words.reduce((sum, { text }) => sum + text.length, 0);
  return {
    ...line,
    words,
    box: boxAround(
      words.flatMap(({ box }) => corners(box)),
      line.box.angle,
    ),
    text: words.map(({ text }) => text).join(' '),
    confidence: words.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / characters,
  };
}
