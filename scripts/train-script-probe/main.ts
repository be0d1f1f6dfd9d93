/**
 * Makes src/local/vision/models/script-probe-weights.ts: draws lines of many scripts in the fonts of a folder, has the
 * recogniser look at them, and trains the probe on what its hidden layer says. The weights in the repository were made
 * with the free fonts of Debian's packages fonts-noto-core, -noto-extra, -noto-mono, -liberation, -freefont-ttf,
 * -roboto-unhinted, -open-sans, -lato, -urw-base35, -linuxlibertine, -croscore, -crosextra-carlito,
 * -crosextra-caladea, -cantarell, -ebgaramond, -firacode, -jetbrains-mono, -kacst, -hosny-amiri, -wqy-zenhei,
 * -wqy-microhei, -arphic-uming, -ipafont-gothic, -ipafont-mincho, -nanum and -vlgothic.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Command, InvalidArgumentError } from 'commander';
import { decodeCtc } from '../../src/local/vision/models/ctc.ts';
import type { Pixels } from '../../src/local/vision/models/pixels.ts';
import { WRITINGS } from '../../src/local/vision/models/script-probe.ts';
import { FEATURES, loadTextNets } from '../../src/local/vision/models/text-nets.ts';
import { chance } from '../chance.ts';
import { type Example, train } from '../perceptron.ts';
import { type Font, findFonts } from './fonts.ts';
import { drawLine } from './line-picture.ts';
import { pack } from './pack.ts';
import { LANGUAGES, someWords } from './words.ts';

const TARGET = fileURLToPath(
  new URL('../../src/local/vision/models/script-probe-weights.ts', import.meta.url),
);

const command = new Command('node scripts/train-script-probe/main.ts')
  .argument('<fonts>', 'folder of fonts of all scripts; needs fontconfig')
  .option('--lines <number>', 'lines to draw', count, 4500)
  .option('--out <file>', 'where the weights go', TARGET)
  .parse(process.argv);
const { lines, out } = command.opts<{ lines: number; out: string }>();
const fonts = findFonts(command.args[0] ?? '');
const random = chance(1);
const nets = await loadTextNets();
const examples: Example[] = [];
for (let line = 0; line < lines; line++) {
  const script = pickScript();
  const language = pick(LANGUAGES[script] ?? []);
  const families = [
    ...Map.groupBy(
      fonts.filter((font) => has(font, language)),
      ({ family }) => family,
    ).values(),
  ];
  if (families.length === 0) continue;
  const picture = await drawLine(someWords(language, random), pick(pick(families)), random);
  if (picture !== undefined) examples.push(...(await look(picture, writingOf(script))));
}
const [hidden, output] = train(examples, WRITINGS.length, random);
const probe = JSON.stringify({ hidden: pack(hidden), output: pack(output) });
writeFileSync(
  out,
  `/** Made by scripts/train-script-probe: weights of our own, trained on text drawn in free fonts. */\nexport const PROBE = ${probe} as const;\n`,
);
console.log(`${examples.length} characters of ${lines} lines; now run "npx biome check --write ${out}".`);

async function look(picture: Pixels, writing: number): Promise<Example[]> {
  const { scores, steps, classes, features } = await nets.recognize(picture);
  return decodeCtc(scores, steps, classes, nets.dictionary)
    .filter(({ text }) => text !== ' ')
    .map(({ position, confidence }) => {
      const step = Math.floor(position * steps);
      const input = new Float32Array(FEATURES + 1);
      input.set(features.subarray(step * FEATURES, (step + 1) * FEATURES));
      input[FEATURES] = confidence;
      return { input, label: writing };
    });
}

/** Mostly Latin, for no Latin line may be lost; Cyrillic and Arabic next. */
function pickScript(): string {
  if (random.next() < 0.42) return 'Latin';
  if (random.next() < 0.28) return 'Cyrillic';
  return random.next() < 0.3 ? 'Arabic' : pick(Object.keys(LANGUAGES));
}

function writingOf(script: string): number {
  const index = (WRITINGS as readonly string[]).indexOf(script);
  return index < 0 ? WRITINGS.indexOf('Other') : index;
}

function has({ languages }: Font, language: string): boolean {
  return languages.has(language === 'zh' ? 'zh-cn' : language);
}

function pick<T>(values: readonly T[]): T {
  return values[random.whole(0, values.length - 1)] as T;
}

function count(value: string): number {
  if (!/^[1-9]\d{0,5}$/.test(value)) throw new InvalidArgumentError('A whole number is expected.');
  return Number(value);
}
