import fc from 'fast-check';
import { expect, test } from 'vitest';
import { joinLines } from '../../../../src/local/vision/models/line-joining.ts';
import type { TextLine } from '../../../../src/local/vision/models/text-line.ts';

/** A one-word piece of a line 20 high, from `left` to `right`, its page turned by `angle` around the origin. */
function piece(
  text: string,
  left: number,
  right: number,
  { y = 0, confidence = 0.9, angle = 0, height = 20 } = {},
): TextLine {
  const x = (left + right) / 2;
  const box = {
    x: x * Math.cos(angle) - y * Math.sin(angle),
    y: x * Math.sin(angle) + y * Math.cos(angle),
    width: right - left,
    height,
    angle,
  };
  return { box, text, confidence, words: [{ text, confidence, box }] };
}

const read = (pieces: TextLine[]) => joinLines(pieces).map((line) => line.text);

test('neighbours on one line are joined from the left, however the page is turned', () => {
  fc.assert(
    fc.property(fc.double({ min: -0.6, max: 0.6, noNaN: true }), (angle) => {
      const pieces = [
        piece('exit', 52, 100, { angle }),
        piece('fire', 0, 40, { angle }),
        piece('door', 110, 160, { angle }),
      ];
      const [line, ...others] = joinLines(pieces);
      expect(others).toEqual([]);
      expect(line?.text).toBe('fire exit door');
      expect(line?.box.width).toBeCloseTo(160, 6);
      expect(line?.box.height).toBeCloseTo(20, 6);
    }),
  );
});

test('pieces far apart, on other lines, of other size or direction stay apart', () => {
  const first = piece('one', 0, 40);
  expect(read([first, piece('two', 60, 100)])).toEqual(['one', 'two']);
  expect(read([first, piece('two', 45, 90, { y: 12 })])).toEqual(['one', 'two']);
  expect(read([first, piece('two', 45, 90, { height: 40 })])).toEqual(['one', 'two']);
  expect(read([first, piece('two', 45, 90, { angle: 0.3 })])).toHaveLength(2);
});

test('a word that two overlapping pieces both read is kept once, from the surer one', () => {
  const cutOff: TextLine = {
    ...piece('6 CLOSED', 30, 120),
    words: [...piece('6', 30, 38, { confidence: 0.5 }).words, ...piece('CLOSED', 55, 120).words],
  };
  expect(read([piece('IS', 0, 40), cutOff])).toEqual(['IS CLOSED']);
});

test('confidence weighs words by their length', () => {
  const [line] = joinLines([piece('aaa', 0, 40, { confidence: 1 }), piece('b', 45, 60, { confidence: 0.6 })]);
  expect(line?.confidence).toBeCloseTo(0.9);
});

test('two columns with a narrow gutter stay apart, also where the detector took them for one line', () => {
  const words = (left: number, y: number, texts: string[]) =>
    texts.map((text, i) => piece(text, left + 45 * i, left + 45 * i + 38, { y }));
  const line = (parts: TextLine[], left: number, right: number, y: number): TextLine => ({
    ...piece(parts.map(({ text }) => text).join(' '), left, right, { y }),
    words: parts.flatMap((part) => part.words),
  });
  const rows = [0, 30, 60, 90].map((y) => [
    line(words(0, y, ['ask', 'for', 'the']), 0, 128, y),
    line(words(142, y, ['blue', 'tent', 'now']), 142, 270, y),
  ]);
  const whole = line(
    [...words(0, 120, ['last', 'seen', 'near']), ...words(142, 120, ['the', 'old', 'bridge'])],
    0,
    270,
    120,
  );
  expect(read([...rows.flat(), whole]).sort()).toEqual(
    [...rows.flatMap(() => ['ask for the', 'blue tent now']), 'last seen near', 'the old bridge'].sort(),
  );
});

test('a number or a bullet before each line belongs to it', () => {
  const rows = [0, 30, 60, 90, 120].flatMap((y, i) => [
    piece(`${i + 1}.`, 0, 20, { y }),
    piece('blankets', 30, 160, { y }),
  ]);
  expect(read(rows)).toEqual(['1. blankets', '2. blankets', '3. blankets', '4. blankets', '5. blankets']);
});
