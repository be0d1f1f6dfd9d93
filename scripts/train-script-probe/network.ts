import type { Chance } from '../chance.ts';

/** One character: what the recogniser's hidden layer and its confidence say, and which writing it is. */
export interface Example {
  input: Float32Array;
  writing: number;
}

interface Layer {
  /** Rows of inputs and, last, a bias. */
  weights: Float64Array;
  inputs: number;
  outputs: number;
}

const HIDDEN = 32;
const EPOCHS = 20;
const LEAK = 0.01;

/** Labels are not certain: many letters stand in two scripts. */
const CERTAIN = 0.98;

/** A perceptron of one hidden layer, by stochastic gradient descent; inputs are standardised, rare writings count more. */
export function train(examples: readonly Example[], writings: number, random: Chance): [Layer, Layer] {
  const inputs = examples[0]?.input.length ?? 0;
  const { mean, deviation } = moments(examples, inputs);
  const standard = examples.map(({ input, writing }) => ({
    input: Float64Array.from(input, (value, i) => (value - (mean[i] ?? 0)) / (deviation[i] ?? 1)),
    writing,
  }));
  const counts = Array.from(
    { length: writings },
    (_, w) => standard.filter((each) => each.writing === w).length,
  );
  const first = layer(inputs, HIDDEN, 0.2, random);
  const second = layer(HIDDEN, writings, 0.3, random);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = 0.01 * (1 - epoch / EPOCHS) + 0.0003;
    for (let n = 0; n < standard.length; n++) {
      const { input, writing } = standard[random.whole(0, standard.length - 1)] as (typeof standard)[number];
      const weight = Math.min(2.5, Math.sqrt(standard.length / writings / (counts[writing] || 1)));
      learn(first, second, input, writing, rate * weight, rate * 1e-4);
    }
  }
  return [unstandardised(first, mean, deviation), second];
}

function learn(
  first: Layer,
  second: Layer,
  input: Float64Array,
  writing: number,
  rate: number,
  decay: number,
): void {
  const hidden = forward(first, input).map((value) => (value > 0 ? value : LEAK * value));
  const scores = softmax(forward(second, hidden));
  const back = new Float64Array(first.outputs);
  for (let k = 0; k < second.outputs; k++) {
    const wanted = k === writing ? CERTAIN : (1 - CERTAIN) / (second.outputs - 1);
    const error = ((scores[k] ?? 0) - wanted) * rate;
    const row = k * (second.inputs + 1);
    for (let j = 0; j < second.inputs; j++) {
      back[j] = (back[j] ?? 0) + error * (second.weights[row + j] ?? 0);
      second.weights[row + j] = (second.weights[row + j] ?? 0) - error * (hidden[j] ?? 0);
    }
    second.weights[row + second.inputs] = (second.weights[row + second.inputs] ?? 0) - error;
  }
  for (let j = 0; j < first.outputs; j++) {
    const error = (back[j] ?? 0) * ((hidden[j] ?? 0) > 0 ? 1 : LEAK);
    const row = j * (first.inputs + 1);
    for (let i = 0; i < first.inputs; i++) {
      const weight = first.weights[row + i] ?? 0;
      first.weights[row + i] = weight - error * (input[i] ?? 0) - decay * weight;
    }
    first.weights[row + first.inputs] = (first.weights[row + first.inputs] ?? 0) - error;
  }
}

function layer(inputs: number, outputs: number, spread: number, random: Chance): Layer {
  const weights = Float64Array.from({ length: outputs * (inputs + 1) }, () => (random.next() - 0.5) * spread);
  return { weights, inputs, outputs };
}

function forward({ weights, inputs, outputs }: Layer, input: Float64Array): Float64Array {
  return Float64Array.from({ length: outputs }, (_, row) => {
    let sum = weights[row * (inputs + 1) + inputs] ?? 0;
    for (let i = 0; i < inputs; i++) sum += (weights[row * (inputs + 1) + i] ?? 0) * (input[i] ?? 0);
    return sum;
  });
}

function softmax(scores: Float64Array): Float64Array {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

function moments(examples: readonly Example[], inputs: number) {
  const mean = new Float64Array(inputs);
  const deviation = new Float64Array(inputs);
  for (const { input } of examples) {
    for (const [i, value] of input.entries()) mean[i] = (mean[i] ?? 0) + value / examples.length;
  }
  for (const { input } of examples) {
    for (const [i, value] of input.entries())
      deviation[i] = (deviation[i] ?? 0) + (value - (mean[i] ?? 0)) ** 2 / examples.length;
  }
  return { mean, deviation: deviation.map((value) => Math.sqrt(value) + 1e-6) };
}

/** The same layer for inputs as they come. */
function unstandardised(
  { weights, inputs, outputs }: Layer,
  mean: Float64Array,
  deviation: Float64Array,
): Layer {
  const plain = Float64Array.from(weights);
  for (let row = 0; row < outputs; row++) {
    const from = row * (inputs + 1);
    for (let i = 0; i < inputs; i++) {
      const weight = (weights[from + i] ?? 0) / (deviation[i] ?? 1);
      plain[from + i] = weight;
      plain[from + inputs] = (plain[from + inputs] ?? 0) - weight * (mean[i] ?? 0);
    }
  }
  return { weights: plain, inputs, outputs };
}

/** Each row as 16-bit whole numbers and their scale. */
export function pack({ weights, inputs, outputs }: Layer): { scales: number[]; weights: string } {
  const whole = new Int16Array(weights.length);
  const scales = Array.from({ length: outputs }, (_, row) => {
    const values = weights.subarray(row * (inputs + 1), (row + 1) * (inputs + 1));
    const scale = Number((Math.max(...values.map(Math.abs)) / 32_000).toPrecision(6));
    whole.set(
      values.map((value) => Math.round(value / scale)),
      row * (inputs + 1),
    );
    return scale;
  });
  return { scales, weights: Buffer.from(whole.buffer).toString('base64') };
}
