import type { Script } from './language-data.ts';
import { PROBE } from './script-probe-weights.ts';
import { FEATURES } from './text-nets.ts';

/**
 * What a line is written in, as far as the probe tells: the two that the recogniser knows, three that it does not,
 * and all others together.
 */
export const WRITINGS = ['Latin', 'Han', 'Cyrillic', 'Arabic', 'Greek', 'Other'] as const;
export type Writing = (typeof WRITINGS)[number];

/** Scripts that stand behind `Other`, one of which it is. */
export const OTHER_SCRIPTS: readonly Script[] = [
  'Armenian',
  'Bengali',
  'Devanagari',
  'Ethiopic',
  'Georgian',
  'Hangul',
  'Hebrew',
  'Japanese',
  'Myanmar',
  'Tamil',
  'Thai',
];

/** Log-likelihoods of each writing, in the order of {@link WRITINGS}, added up over characters. */
export type Evidence = readonly number[];

export const NO_EVIDENCE: Evidence = WRITINGS.map(() => 0);

export function addEvidence(a: Evidence, b: Evidence): Evidence {
  return a.map((value, i) => value + (b[i] ?? 0));
}

/** One character may be misread: it is never believed beyond this. */
const FLOOR = 1e-3;

interface Layer {
  weights: Float32Array;
  inputs: number;
  outputs: number;
}

const HIDDEN = layer(PROBE.hidden, FEATURES + 1);
const OUTPUT = layer(PROBE.output, HIDDEN.outputs);

/**
 * What a character is written in, by what the recogniser's last hidden layer makes of it: scripts that it was never
 * taught leave traces there, also where the letter it settles for is Latin. A small network trained on rendered text:
 * see scripts/train-script-probe.
 *
 * @param features one row, {@link FEATURES} numbers
 * @param confidence of the character that was read, 0 to 1
 */
export function judgeCharacter(features: Float32Array, confidence: number): Evidence {
  const input = new Float32Array(FEATURES + 1);
  input.set(features);
  input[FEATURES] = confidence;
  const hidden = apply(HIDDEN, input).map((value) => (value > 0 ? value : 0.01 * value));
  const scores = apply(OUTPUT, hidden);
  const highest = Math.max(...scores);
  const likelihoods = [...scores].map((score) => Math.exp(score - highest));
  const sum = likelihoods.reduce((total, value) => total + value, 0);
  return likelihoods.map((value) => Math.log(value / sum + FLOOR));
}

function apply({ weights, inputs, outputs }: Layer, input: Float32Array): Float32Array {
  const result = new Float32Array(outputs);
  for (let row = 0; row < outputs; row++) {
    // The last of a row is its bias.
    let sum = weights[row * (inputs + 1) + inputs] ?? 0;
    for (let i = 0; i < inputs; i++) sum += (weights[row * (inputs + 1) + i] ?? 0) * (input[i] ?? 0);
    result[row] = sum;
  }
  return result;
}

/** Rows of 16-bit whole numbers, each with a scale of its own. */
function layer({ scales, weights }: { scales: readonly number[]; weights: string }, inputs: number): Layer {
  const bytes = Buffer.from(weights, 'base64');
  const whole = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const unpacked = Float32Array.from(
    whole,
    (value, i) => value * (scales[Math.floor(i / (inputs + 1))] ?? 0),
  );
  return { weights: unpacked, inputs, outputs: scales.length };
}
