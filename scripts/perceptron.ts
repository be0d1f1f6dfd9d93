import type { Chance } from './chance.ts';

/** What is known of one thing, and which class it is of. */
export interface Example {
  input: Float32Array;
  label: number;
}

export interface Layer {
  /** Rows of inputs and, last, a bias. */
  weights: Float64Array;
  inputs: number;
  outputs: number;
}

const HIDDEN = 32;
const EPOCHS = 20;
/** What a hidden unit lets through below zero. */
export const LEAK = 0.01;

/** Labels are not certain: of what the perceptron is trained on, some belongs to two classes. */
const CERTAIN = 0.98;

/**
 * A perceptron of one hidden layer, leaky rectifier and softmax, by stochastic gradient descent. It is trained on
 * standardised inputs and given back for inputs as they come; rare classes count more.
 */
export function train(examples: readonly Example[], classes: number, random: Chance): [Layer, Layer] {
  const inputs = examples[0]?.input.length ?? 0;
  const { mean, deviation } = moments(examples, inputs);
  const standard = examples.map(({ input, label }) => ({
    input: Float64Array.from(input, (value, i) => (value - (mean[i] ?? 0)) / (deviation[i] ?? 1)),
    label,
  }));
  const counts = Array.from(
    { length: classes },
    (_, w) => standard.filter((each) => each.label === w).length,
  );
  const first = layer(inputs, HIDDEN, 0.2, random);
  const second = layer(HIDDEN, classes, 0.3, random);
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const rate = 0.01 * (1 - epoch / EPOCHS) + 0.0003;
    for (let n = 0; n < standard.length; n++) {
      const { input, label } = standard[random.whole(0, standard.length - 1)] as (typeof standard)[number];
      const weight = Math.min(2.5, Math.sqrt(standard.length / classes / (counts[label] || 1)));
      learn(first, second, input, label, rate * weight, rate * 1e-4);
    }
  }
  return [unstandardised(first, mean, deviation), second];
}

function learn(
  first: Layer,
  second: Layer,
  input: Float64Array,
  label: number,
  rate: number,
  decay: number,
): void {
  const hidden = forward(first, input).map((value) => (value > 0 ? value : LEAK * value));
  const scores = softmax(forward(second, hidden));
  const back = new Float64Array(first.outputs);
  for (let k = 0; k < second.outputs; k++) {
    const wanted = k === label ? CERTAIN : (1 - CERTAIN) / (second.outputs - 1);
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
