import type { AnalyzedLine, AnalyzedText, Point, UnreadText } from '../analysis.ts';
import type { Frame } from './decode.ts';
import { readForeign, type UnreadLine } from './foreign-lines.ts';
import { findLanguageData } from './language-data.ts';
import { joinLines } from './line-joining.ts';
import { flipped, type ReadLine, readLine, readSurest, upsideDown } from './line-reading.ts';
import { type ForeignLine, separateWritings, writingOfAll } from './line-writing.ts';
import { corners, type OrientedBox } from './oriented-box.ts';
import type { Pixels } from './pixels.ts';
import { readingOrder } from './reading-order.ts';
import { ScriptReader } from './script-reader.ts';
import { bounds, findText } from './text-detection.ts';
import { medianAngle, runsDown, turnBox, turnPoint, waysToRead } from './text-direction.ts';
import type { TextLine } from './text-line.ts';
import { loadTextNets, type TextNets } from './text-nets.ts';

/** Below this the recogniser invents text on photographs (measured). */
const MIN_CONFIDENCE = 0.75;

/** A single letter or digit is what texture looks like to a recogniser: it must be surer of it. */
const SURE_OF_ONE = 0.9;

const MIN_SIDE = 4;

/** How many lines, the longest, say whether a page stands on its head. */
const ASKED = 8;

/** What this much longer than high could not be read may be a line in a script that leaves no letters behind. */
const LINE_LIKE = 2;

/** @param thorough whether small print is looked for on photographs, too */
type TextReader = (frame: Frame, thorough: boolean) => Promise<AnalyzedText>;

/** Loads PP-OCRv4; the reader finds the lines and words of an image in reading order. */
export async function createTextReader(): Promise<TextReader> {
  const nets = await loadTextNets();
  const scripts = new ScriptReader(findLanguageData());
  return async ({ pixels, scale }, thorough) => {
    const regions = (await findText(nets, pixels, thorough)).filter(
      ({ width, height }) => Math.min(width, height) >= MIN_SIDE,
    );
    const { known, foreign } = separate(await readPage(nets, pixels, regions));
    const { lines, unread } = await readForeign(scripts, pixels, foreign);
    return toText([...known, ...lines], unread, scale);
  };
}

interface Page {
  readable: ReadLine[];
  /** Regions in which the recogniser saw nothing that it is sure of. */
  unsure: ReadLine[];
}

async function readPage(nets: TextNets, image: Pixels, regions: readonly OrientedBox[]): Promise<Page> {
  const down = runsDown(regions);
  const ways = regions.map((region) => waysToRead(region, down));
  const onItsHead = await standsOnItsHead(nets, image, ways);
  const page: Page = { readable: [], unsure: [] };
  for (const each of ways) {
    const line = await readSurest(nets, image, onItsHead ? each.map(flipped) : each);
    if (line === undefined) continue;
    const sure = isReadable(line) ? line : await readOtherWay(nets, image, line);
    if (sure === undefined) page.unsure.push(line);
    else page.readable.push(sure);
  }
  return page;
}

/** A line of its own mind: the classifier is asked only where the page's direction gave nothing. */
async function readOtherWay(nets: TextNets, image: Pixels, { box }: ReadLine): Promise<ReadLine | undefined> {
  if ((await upsideDown(nets, image, box)) <= 0.5) return undefined;
  const other = await readLine(nets, image, flipped(box));
  return isReadable(other) ? other : undefined;
}

/** The classifier's word on the longest lines, together: alone it errs on one in some dozens. */
async function standsOnItsHead(
  nets: TextNets,
  image: Pixels,
  ways: readonly OrientedBox[][],
): Promise<boolean> {
  const longest = ways
    .flatMap(([first]) => (first === undefined ? [] : [first]))
    .sort((a, b) => b.width / b.height - a.width / a.height)
    .slice(0, ASKED);
  let evidence = 0;
  for (const box of longest) {
    const probability = Math.min(0.999, Math.max(0.001, await upsideDown(nets, image, box)));
    evidence += Math.log(probability / (1 - probability));
  }
  return evidence > 0;
}

function isReadable({ text, confidence }: TextLine): boolean {
  const least = [...text].length === 1 ? SURE_OF_ONE : MIN_CONFIDENCE;
  return confidence >= least && /[\p{L}\p{N}]/u.test(text);
}

/** What is Latin or Chinese, and what is in other scripts, however sure the recogniser was of it. */
function separate({ readable, unsure }: Page): { known: TextLine[]; foreign: ForeignLine[] } {
  const { known, foreign } = separateWritings(readable);
  const lineLike = unsure.filter(({ box }) => box.width > LINE_LIKE * box.height);
  const writing = foreign[0]?.writing ?? writingOfAll(lineLike);
  if (writing === undefined) return { known, foreign };
  const others = lineLike.map((line) => {
    const own = writingOfAll([line]);
    return { box: line.box, writing: own ?? writing, certain: own !== undefined };
  });
  return { known, foreign: [...foreign, ...others] };
}

/** Lines are joined and put in order as they stand on the upright page. */
function toText(lines: readonly TextLine[], unread: readonly UnreadLine[], scale: Point): AnalyzedText {
  const angle = medianAngle(lines.map(({ box }) => box));
  const upright = lines.map((line) => ({
    ...line,
    box: turnBox(line.box, -angle),
    words: line.words.map((word) => ({ ...word, box: turnBox(word.box, -angle) })),
  }));
  const ordered = readingOrder(
    joinLines(upright).map((line) => ({ line, rightToLeft: line.rightToLeft, ...extent(line) })),
  );
  const quadIn = (turned: number) => (box: OrientedBox) => {
    const [a, b, c, d] = corners(box).map((corner) => {
      const { x, y } = turnPoint(corner, turned);
      return { x: x * scale.x, y: y * scale.y };
    }) as AnalyzedLine['quad'];
    return [a, b, c, d] satisfies AnalyzedLine['quad'];
  };
  return {
    lines: ordered.map(({ line }) => toAnalyzedLine(line, quadIn(angle))),
    angle: (angle * 180) / Math.PI,
    unread: unread.map(
      ({ box, script }): UnreadText => ({
        quad: quadIn(0)(box),
        ...(script !== undefined && { script }),
      }),
    ),
  };
}

/** As far as the words of a line reach: the detector's box goes beyond, into the space between columns. */
function extent({ box, words }: TextLine) {
  const all = words.map((word) => bounds(word.box));
  const left = Math.min(...all.map((word) => word.left));
  const right = Math.max(...all.map((word) => word.right));
  return { ...bounds(box), ...(left < right && { left, right }) };
}

function toAnalyzedLine(
  { box, text, confidence, words, language }: TextLine,
  quad: (box: OrientedBox) => AnalyzedLine['quad'],
): AnalyzedLine {
  return {
    text,
    confidence,
    ...(language !== undefined && { language }),
    quad: quad(box),
    words: words.map((word) => ({ text: word.text, confidence: word.confidence, quad: quad(word.box) })),
  };
}
