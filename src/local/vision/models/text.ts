import type { AnalyzedLine, AnalyzedText, Point } from '../analysis.ts';
import { decodeCtc, mean, splitWords } from './ctc.ts';
import type { Frame } from './decode.ts';
import { joinLines, type TextLine } from './line-joining.ts';
import { corners, cutBox, type OrientedBox, readTurned, slice, stretchBox } from './oriented-box.ts';
import { type Pixels, stretch, turn } from './pixels.ts';
import { readingOrder } from './reading-order.ts';
import { CLASSIFIER, loadTextNets, type TextNets } from './text-nets.ts';
import { textRegions } from './text-regions.ts';

/** Longer side of the image that the detector sees. */
const DETECTION_SIDE = 1280;

/** Height of a line that the recogniser was trained on, and a bound on its length: both in pixels. */
const LINE_HEIGHT = 48;
const MAX_LINE_LENGTH = 2400;

/** Below these the recogniser invents text on photographs (measured). */
const MIN_CONFIDENCE = 0.75;
const MIN_CHARACTERS = 2;

/** A region this much higher than wide holds text that runs downwards (PaddleOCR takes 1.5). */
const VERTICAL = 1.6;
const SURELY_UPSIDE_DOWN = 0.9;

type Quarters = 0 | 1 | 2 | 3;

export type TextReader = (frame: Frame) => Promise<AnalyzedText>;

/** Loads PP-OCRv4; the reader finds the lines and words of an image in reading order. */
export async function createTextReader(): Promise<TextReader> {
  const nets = await loadTextNets();
  return async ({ pixels, scale }) => {
    const asStored = await readLines(nets, pixels);
    const turned = turnOf(asStored);
    // A page on its side is read again upright: short lines, nearly square, give no hint of their direction.
    const upright = turned === 0 ? pixels : await turn(pixels, ((4 - turned) % 4) as Quarters);
    const lines = turned === 0 ? asStored : await readLines(nets, upright);
    const toImage = (point: Point): Point => {
      const { x, y } = turnPoint(point, upright, turned);
      return { x: x * scale.x, y: y * scale.y };
    };
    const readable = joinLines(lines).filter(isReadable);
    const ordered = readingOrder(readable.map((line) => ({ line, ...bounds(line.box) })));
    return {
      lines: ordered.map(({ line }) => toAnalyzedLine(line, toImage)),
      angle: readable.length === 0 ? 0 : normalDegrees(medianAngle(readable) + turned * 90),
    };
  };
}

async function readLines(nets: TextNets, image: Pixels): Promise<TextLine[]> {
  const factor = Math.min(1, DETECTION_SIDE / Math.max(image.width, image.height));
  const multiple = (side: number) => Math.max(32, Math.round((side * factor) / 32) * 32);
  const small = await stretch(image, multiple(image.width), multiple(image.height));
  const lines: TextLine[] = [];
  for (const region of textRegions(await nets.detect(small), small.width, small.height)) {
    const line = await readLine(
      nets,
      image,
      stretchBox(region, image.width / small.width, image.height / small.height),
    );
    if (line !== undefined) lines.push(line);
  }
  return lines;
}

async function readLine(nets: TextNets, image: Pixels, region: OrientedBox): Promise<TextLine | undefined> {
  if (Math.min(region.width, region.height) < 4) return undefined;
  let box = region.height > region.width * VERTICAL ? readTurned(region, 1) : region;
  const length = Math.round((LINE_HEIGHT * box.width) / box.height);
  const width = Math.max(16, Math.min(MAX_LINE_LENGTH, length));
  let crop = cutBox(image, box, width, LINE_HEIGHT);
  const glance = await stretch(crop, Math.min(CLASSIFIER.width, width), CLASSIFIER.height);
  if ((await nets.upsideDown(glance)) > SURELY_UPSIDE_DOWN) {
    box = readTurned(box, 2);
    crop = await turn(crop, 2);
  }
  const { scores, steps, classes } = await nets.recognize(crop);
  const characters = decodeCtc(scores, steps, classes, nets.dictionary);
  const words = splitWords(characters);
  const text = words.map((word) => word.text).join(' ');
  const confidences = characters.filter((c) => c.text !== ' ').map((c) => c.confidence);
  const confidence = confidences.length === 0 ? 0 : mean(confidences);
  if (confidence < MIN_CONFIDENCE) return undefined;
  return {
    box,
    text,
    confidence,
    words: words.map(({ from, to, ...word }) => ({ ...word, box: slice(box, from, to) })),
  };
}

/** Single characters and mere punctuation are what texture looks like to a recogniser. */
function isReadable({ text }: TextLine): boolean {
  return [...text].length >= MIN_CHARACTERS && /[\p{L}\p{N}]/u.test(text);
}

/** The quarter turn, clockwise, in which most characters stand. */
function turnOf(lines: readonly TextLine[]): Quarters {
  const weights = [0, 0, 0, 0];
  for (const { box, text } of lines) {
    const quarters = ((Math.round(box.angle / (Math.PI / 2)) % 4) + 4) % 4;
    weights[quarters] = (weights[quarters] ?? 0) + text.length;
  }
  return weights.indexOf(Math.max(...weights)) as Quarters;
}

/** A point of the upright page in the image that shows that page turned clockwise. */
function turnPoint({ x, y }: Point, upright: Pixels, quarters: Quarters): Point {
  switch (quarters) {
    case 0:
      return { x, y };
    case 1:
      return { x: upright.height - y, y: x };
    case 2:
      return { x: upright.width - x, y: upright.height - y };
    case 3:
      return { x: y, y: upright.width - x };
  }
}

function bounds(box: OrientedBox) {
  const points = corners(box);
  const xs = points.map((p) => p.x);
  const ys = points.map((p) => p.y);
  return { left: Math.min(...xs), right: Math.max(...xs), top: Math.min(...ys), bottom: Math.max(...ys) };
}

function toAnalyzedLine(
  { box, text, confidence, words }: TextLine,
  toImage: (point: Point) => Point,
): AnalyzedLine {
  const quad = (part: OrientedBox): AnalyzedLine['quad'] => {
    const [a, b, c, d] = corners(part);
    return [toImage(a), toImage(b), toImage(c), toImage(d)];
  };
  return {
    text,
    confidence,
    quad: quad(box),
    words: words.map((word) => ({
      text: word.text,
      confidence: word.confidence,
      quad: quad(word.box),
    })),
  };
}

function medianAngle(lines: readonly TextLine[]): number {
  const angles = lines.map(({ box }) => normalDegrees((box.angle * 180) / Math.PI)).sort((a, b) => a - b);
  return angles[Math.floor(angles.length / 2)] ?? 0;
}

/** Above -180, up to 180. */
function normalDegrees(angle: number): number {
  return 180 - ((((180 - angle) % 360) + 360) % 360);
}
