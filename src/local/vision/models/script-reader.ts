import { createRequire } from 'node:module';
import sharp from 'sharp';
import type { Worker } from 'tesseract.js';
import type { LanguageData, Script } from './language-data.ts';
import { cutBox, type OrientedBox, readTurned, slice } from './oriented-box.ts';
import type { Pixels } from './pixels.ts';
import type { TextLine } from './text-line.ts';

/** A line in a script other than Latin and Chinese. */
export interface ScriptLine extends TextLine {
  /** BCP 47. */
  language: string;
}

/** Height at which Tesseract sees a line, and a margin around it, pixels. */
const LINE_HEIGHT = 56;
const MAX_LENGTH = 3200;
const MARGIN = 4;

/** Below this Tesseract reads a language it was not trained on, or what is no text (measured: 13 to 66). */
const MIN_CONFIDENCE = 0.7;

/** After so many lines of a script the language that was surest of them is the page's, for each of them. */
const TRIALS = 3;

/**
 * Languages of one script read each other's texts with nearly the same confidence, in letters that the other does not
 * have: what each letter of a language's own counts beside the confidences of lines, and how many do.
 */
const OWN_LETTER = 0.15;
const MOST_LETTERS = 4;

const RIGHT_TO_LEFT: ReadonlySet<Script> = new Set(['Arabic', 'Hebrew']);

const require = createRequire(import.meta.url);

/**
 * Reads lines by Tesseract, with the data that this machine has. A language's worker is started when its script is
 * first met, and stays.
 */
export class ScriptReader {
  readonly #languages: readonly LanguageData[];
  readonly #workers = new Map<string, Promise<Worker>>();

  constructor(languages: readonly LanguageData[]) {
    this.#languages = languages;
  }

  /** The lines of one page in one of `scripts`; `undefined` for those that no data reads with confidence. */
  async readAll(
    image: Pixels,
    boxes: readonly OrientedBox[],
    scripts: readonly Script[],
  ): Promise<(ScriptLine | undefined)[]> {
    const candidates = this.#languages.filter(({ script }) => scripts.includes(script));
    const lines = await this.#readBy(candidates, image, boxes);
    if (lines.some(isSure) || boxes.length === 0) return lines;
    // Which way is up was judged by a network that has never seen such letters.
    return this.#readBy(candidates, image, boxes.map(upsideDown));
  }

  async #readBy(
    languages: readonly LanguageData[],
    image: Pixels,
    boxes: readonly OrientedBox[],
  ): Promise<(ScriptLine | undefined)[]> {
    let candidates = languages;
    const readings: Map<LanguageData, ScriptLine | undefined>[] = [];
    for (const box of boxes) {
      const reading = new Map<LanguageData, ScriptLine | undefined>();
      for (const language of candidates) reading.set(language, await this.#read(image, box, language));
      readings.push(reading);
      // Data that read none of the first lines will read none of the others; the surest of them reads them all.
      if (readings.length === TRIALS) candidates = surest(candidates, readings);
    }
    const [language] = surest(candidates, readings);
    return readings.map((reading) => {
      const line = language === undefined ? undefined : reading.get(language);
      return isSure(line) ? line : undefined;
    });
  }

  async close(): Promise<void> {
    const workers = [...this.#workers.values()];
    this.#workers.clear();
    for (const worker of workers) await (await worker).terminate();
  }

  async #read(image: Pixels, box: OrientedBox, language: LanguageData): Promise<ScriptLine | undefined> {
    const width = Math.min(
      MAX_LENGTH,
      Math.max(LINE_HEIGHT, Math.round((LINE_HEIGHT * box.width) / box.height)),
    );
    const { data } = cutBox(image, box, width, LINE_HEIGHT);
    const picture = await sharp(data, { raw: { width, height: LINE_HEIGHT, channels: 3 } })
      .extend({ top: MARGIN, bottom: MARGIN, left: MARGIN, right: MARGIN, extendWith: 'copy' })
      .png({ compressionLevel: 1 })
      .toBuffer();
    const worker = await this.#worker(language);
    const { data: page } = await worker.recognize(picture, {}, { text: false, blocks: true });
    const words = (page.blocks ?? [])
      .flatMap((block) =>
        block.paragraphs.flatMap((paragraph) => paragraph.lines.flatMap((line) => line.words)),
      )
      .map(({ text, confidence, bbox }) => ({
        text: withoutMarks(text),
        confidence: confidence / 100,
        box: slice(box, share(bbox.x0, width), share(bbox.x1, width)),
      }))
      .filter(({ text }) => text !== '');
    if (words.length === 0) return undefined;
    const characters = words.reduce((sum, { text }) => sum + text.length, 0);
    return {
      box,
      text: words.map(({ text }) => text).join(' '),
      confidence: words.reduce((sum, { text, confidence }) => sum + confidence * text.length, 0) / characters,
      words,
      language: language.tag,
      rightToLeft: RIGHT_TO_LEFT.has(language.script),
    };
  }

  #worker(language: LanguageData): Promise<Worker> {
    const started = this.#workers.get(language.code) ?? start(language);
    this.#workers.set(language.code, started);
    return started;
  }
}

/** The language that read the lines best in all, if it read any with confidence. */
function surest(
  languages: readonly LanguageData[],
  readings: readonly Map<LanguageData, ScriptLine | undefined>[],
): LanguageData[] {
  const sureness = (language: LanguageData) => {
    const lines = readings.flatMap((reading) => reading.get(language) ?? []);
    const letters =
      lines
        .map(({ text }) => text)
        .join(' ')
        .match(language.ownLetters)?.length ?? 0;
    return lines.reduce(
      (sum, { confidence }) => sum + confidence,
      OWN_LETTER * Math.min(MOST_LETTERS, letters),
    );
  };
  return languages
    .filter((language) => readings.some((reading) => isSure(reading.get(language))))
    .toSorted((a, b) => sureness(b) - sureness(a))
    .slice(0, 1);
}

function isSure(line: ScriptLine | undefined): line is ScriptLine {
  return line !== undefined && line.confidence >= MIN_CONFIDENCE;
}

const upsideDown = (box: OrientedBox): OrientedBox => readTurned(box, 2);

async function start({ code, folder, gzip }: LanguageData): Promise<Worker> {
  const { createWorker, OEM, PSM } = require('tesseract.js') as typeof import('tesseract.js');
  const worker = await createWorker(code, OEM.LSTM_ONLY, {
    langPath: folder,
    gzip,
    // Without these two the library writes the data into the working folder, and throws errors past every catch.
    cacheMethod: 'none',
    errorHandler: () => undefined,
  });
  await worker.setParameters({ tessedit_pageseg_mode: PSM.RAW_LINE, user_defined_dpi: '150' });
  return worker;
}

function share(x: number, width: number): number {
  return Math.min(1, Math.max(0, (x - MARGIN) / width));
}

/** Tesseract marks the direction of what it reads, which the order of the letters says already. */
function withoutMarks(text: string): string {
  return text.replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').trim();
}
