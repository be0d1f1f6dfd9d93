import { decodeCtc, mean, type ReadCharacter, splitWords } from './ctc.ts';
import { cutBox, type OrientedBox, readTurned, slice } from './oriented-box.ts';
import { type Pixels, stretch } from './pixels.ts';
import { addEvidence, type Evidence, judgeCharacter, NO_EVIDENCE } from './script-probe.ts';
import type { TextLine } from './text-line.ts';
import { CLASSIFIER, FEATURES, type TextNets } from './text-nets.ts';

/** Height of a line that the recogniser was trained on, and a bound on what it is shown at once: both in pixels. */
const LINE_HEIGHT = 48;
const MAX_LENGTH = 2400;
const MIN_LENGTH = 16;

/** Heights of a line that the classifier sees of it: its beginning says as much as its whole, less squeezed. */
const SHOWN = 12;

/** A line as the recogniser reads it, and what its letters say of the script they are written in. */
export interface ReadLine extends TextLine {
  words: (TextLine['words'][number] & Judged & { from: number; to: number })[];
  evidence: Evidence;
  characters: number;
}

interface Judged {
  evidence: Evidence;
  /** How many characters gave it. */
  characters: number;
}

type JudgedCharacter = ReadCharacter & { evidence: Evidence };

/** Reads along the box from left to right; a line longer than the recogniser is shown at once, word after word. */
export async function readLine(nets: TextNets, image: Pixels, box: OrientedBox): Promise<ReadLine> {
  const total = lengthOf(box);
  const characters: JudgedCharacter[] = [];
  for (let from = 0; from < total; ) {
    const length = Math.min(MAX_LENGTH, total - from);
    const part = slice(box, from / total, (from + length) / total);
    const read = await readPart(nets, image, part, length);
    const last = from + length >= total ? -1 : read.findLastIndex(({ text }) => text === ' ');
    // What stands after the last space may be cut off: it is read again, as the beginning of the next part.
    const kept = last > 0 ? read.slice(0, last + 1) : read;
    for (const each of kept) characters.push({ ...each, position: (from + each.position * length) / total });
    from += last > 0 ? Math.round((read[last]?.position ?? 1) * length) : length;
  }
  return toLine(box, characters);
}

async function readPart(
  nets: TextNets,
  image: Pixels,
  part: OrientedBox,
  length: number,
): Promise<JudgedCharacter[]> {
  const crop = cutBox(image, part, Math.max(MIN_LENGTH, length), LINE_HEIGHT);
  const { scores, steps, classes, features } = await nets.recognize(crop);
  return decodeCtc(scores, steps, classes, nets.dictionary).map((character) => {
    const step = Math.floor(character.position * steps);
    const row = features.subarray(step * FEATURES, (step + 1) * FEATURES);
    const evidence = character.text === ' ' ? NO_EVIDENCE : judgeCharacter(row, character.confidence);
    return { ...character, evidence };
  });
}

function toLine(box: OrientedBox, all: readonly JudgedCharacter[]): ReadLine {
  const characters = all.filter(({ text }) => text !== ' ');
  const words = splitWords(all).map((word) => ({
    ...word,
    ...judge(characters.filter(({ position }) => position >= word.from && position <= word.to)),
    box: slice(box, word.from, word.to),
  }));
  return {
    box,
    text: words.map((word) => word.text).join(' '),
    confidence: characters.length === 0 ? 0 : mean(characters.map(({ confidence }) => confidence)),
    words,
    ...judge(characters),
  };
}

function judge(characters: readonly JudgedCharacter[]): Judged {
  const evidence = characters.reduce((sum, each) => addEvidence(sum, each.evidence), NO_EVIDENCE);
  return { evidence, characters: characters.length };
}

/** Probability that what stands in the box stands upside down. */
export async function upsideDown(nets: TextNets, image: Pixels, box: OrientedBox): Promise<number> {
  const part = slice(box, 0, Math.min(1, (SHOWN * box.height) / box.width));
  const crop = cutBox(image, part, Math.min(MAX_LENGTH, lengthOf(part)), LINE_HEIGHT);
  return nets.upsideDown(await stretch(crop, Math.min(CLASSIFIER.width, crop.width), CLASSIFIER.height));
}

/** The surer reading of a box in several directions. */
export async function readSurest(
  nets: TextNets,
  image: Pixels,
  ways: readonly OrientedBox[],
): Promise<ReadLine | undefined> {
  let best: ReadLine | undefined;
  for (const box of ways) {
    const line = await readLine(nets, image, box);
    if (best === undefined || line.confidence > best.confidence) best = line;
  }
  return best;
}

export const flipped = (box: OrientedBox): OrientedBox => readTurned(box, 2);

const lengthOf = (box: OrientedBox): number =>
  Math.max(MIN_LENGTH, Math.round((LINE_HEIGHT * box.width) / box.height));
