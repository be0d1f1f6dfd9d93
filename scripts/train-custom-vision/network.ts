import { type Chance, chance } from '../chance.ts';

/** One convolution, 3 x 3, stride 2, padding 1, followed by a rectifier. */
interface Convolution {
  inChannels: number;
  outChannels: number;
  /** `[out][in][3][3]`. */
  weights: Float32Array;
  biases: Float32Array;
}

/** A small network: convolutions, the mean of each channel, one layer that is fully connected, a softmax. */
export interface Network {
  convolutions: Convolution[];
  classes: number;
  /** `[class][channel]`. */
  weights: Float32Array;
  biases: Float32Array;
}

/** What goes through the network: `[channel][row][column]`. */
interface Maps {
  channels: number;
  side: number;
  data: Float32Array;
}

/** The output of a convolution, and what it saw: `[in * 9][pixel of the output]`. */
interface Convolved extends Maps {
  patches: Float32Array;
}

/** Brightness and contrast taken out: mean 0 and deviation 1 over the whole image, as the model's first node does it. */
export function normalised(image: Float32Array): Float32Array {
  const mean = image.reduce((sum, value) => sum + value, 0) / image.length;
  const variance = image.reduce((sum, value) => sum + (value - mean) ** 2, 0) / image.length;
  const deviation = Math.sqrt(variance) + 1e-9;
  return image.map((value) => (value - mean) / deviation);
}

/** A network of random weights (He initialisation). */
export function newNetwork(channels: readonly number[], classes: number, seed: number): Network {
  const c = chance(seed);
  const convolutions = channels.slice(1).map((outChannels, index) => {
    const inChannels = channels[index] ?? 0;
    const spread = Math.sqrt(2 / (inChannels * 9));
    return {
      inChannels,
      outChannels,
      weights: Float32Array.from({ length: outChannels * inChannels * 9 }, () => normal(c) * spread),
      biases: new Float32Array(outChannels),
    };
  });
  const last = channels.at(-1) ?? 0;
  return {
    convolutions,
    classes,
    weights: Float32Array.from({ length: classes * last }, () => normal(c) * Math.sqrt(1 / last)),
    biases: new Float32Array(classes),
  };
}

/** All that training changes, in one fixed order. */
export const parameters = ({ convolutions, weights, biases }: Network): Float32Array[] => [
  ...convolutions.flatMap((layer) => [layer.weights, layer.biases]),
  weights,
  biases,
];

/**
 * Runs the network over one image and adds to `gradients` (as `parameters` orders them) what lowers the cross entropy.
 *
 * @param image `[3][side][side]`
 * @returns the cross entropy
 */
export function backward(
  network: Network,
  image: Float32Array,
  side: number,
  label: number,
  gradients: readonly Float32Array[],
): number {
  const layers = convolved(network, image, side);
  const last = layers.at(-1) as Convolved;
  const area = last.side * last.side;
  const means = channelMeans(last);
  const probabilities = softmax(scoresOf(network, means));
  const loss = -Math.log(Math.max(probabilities[label] as number, 1e-9));

  const [outWeights, outBiases] = gradients.slice(-2) as [Float32Array, Float32Array];
  let flow = new Float32Array(last.data.length);
  for (let k = 0; k < network.classes; k++) {
    const error = (probabilities[k] as number) - (k === label ? 1 : 0);
    add(outBiases, k, error);
    for (let channel = 0; channel < last.channels; channel++) {
      const at = k * last.channels + channel;
      add(outWeights, at, error * (means[channel] as number));
      const back = (error * (network.weights[at] as number)) / area;
      for (let i = channel * area; i < (channel + 1) * area; i++) add(flow, i, back);
    }
  }
  for (let index = layers.length - 1; index >= 0; index--) {
    const layer = network.convolutions[index] as Convolution;
    const inputSide = index === 0 ? side : (layers[index - 1] as Convolved).side;
    const [weights, biases] = gradients.slice(index * 2) as [Float32Array, Float32Array];
    flow = convolveBack(layer, layers[index] as Convolved, inputSide, flow, weights, biases);
  }
  return loss;
}

/** @returns the class with the highest score */
export function predict(network: Network, image: Float32Array, side: number): number {
  const scores = scoresOf(network, channelMeans(convolved(network, image, side).at(-1) as Convolved));
  return scores.indexOf(Math.max(...scores));
}

const add = (to: Float32Array, at: number, value: number): void => {
  to[at] = (to[at] as number) + value;
};

function convolved(network: Network, image: Float32Array, side: number): Convolved[] {
  let input: Maps = { channels: 3, side, data: image };
  return network.convolutions.map((layer) => {
    const output = convolve(layer, input);
    input = output;
    return output;
  });
}

function convolve(layer: Convolution, input: Maps): Convolved {
  const side = Math.ceil(input.side / 2);
  const area = side * side;
  const taps = layer.inChannels * 9;
  const patches = new Float32Array(taps * area);
  eachTap(layer.inChannels, input.side, (pixel, tap) => {
    patches[tap] = input.data[pixel] as number;
  });
  const data = new Float32Array(layer.outChannels * area);
  for (let out = 0; out < layer.outChannels; out++) {
    const to = data.subarray(out * area, (out + 1) * area).fill(layer.biases[out] as number);
    for (let tap = 0; tap < taps; tap++) {
      const weight = layer.weights[out * taps + tap] as number;
      const from = tap * area;
      for (let i = 0; i < area; i++) to[i] = (to[i] as number) + weight * (patches[from + i] as number);
    }
    for (let i = 0; i < area; i++) to[i] = Math.max(0, to[i] as number);
  }
  return { channels: layer.outChannels, side, data, patches };
}

/** @returns how the loss changes with the input of the layer */
function convolveBack(
  layer: Convolution,
  output: Convolved,
  inputSide: number,
  flow: Float32Array,
  weights: Float32Array,
  biases: Float32Array,
): Float32Array<ArrayBuffer> {
  const area = output.side * output.side;
  const taps = layer.inChannels * 9;
  const back = new Float32Array(output.patches.length);
  for (let out = 0; out < layer.outChannels; out++) {
    // What the rectifier let through.
    const error = flow.subarray(out * area, (out + 1) * area);
    for (let i = 0; i < area; i++) if ((output.data[out * area + i] as number) <= 0) error[i] = 0;
    add(
      biases,
      out,
      error.reduce((sum, value) => sum + value, 0),
    );
    for (let tap = 0; tap < taps; tap++) {
      const weight = layer.weights[out * taps + tap] as number;
      const from = tap * area;
      let sum = 0;
      for (let i = 0; i < area; i++) {
        sum += (error[i] as number) * (output.patches[from + i] as number);
        back[from + i] = (back[from + i] as number) + weight * (error[i] as number);
      }
      add(weights, out * taps + tap, sum);
    }
  }
  const input = new Float32Array(layer.inChannels * inputSide * inputSide);
  eachTap(layer.inChannels, inputSide, (pixel, tap) => add(input, pixel, back[tap] as number));
  return input;
}

/** Every place where the 3 x 3 window of an output pixel meets a pixel of the input. */
function eachTap(channels: number, inputSide: number, meet: (pixel: number, tap: number) => void): void {
  const side = Math.ceil(inputSide / 2);
  for (let channel = 0; channel < channels; channel++) {
    for (let dy = 0; dy < 3; dy++) {
      for (let dx = 0; dx < 3; dx++) {
        const tap = (channel * 9 + dy * 3 + dx) * side * side;
        for (let y = 0; y < side; y++) {
          const row = y * 2 + dy - 1;
          if (row < 0 || row >= inputSide) continue;
          for (let x = 0; x < side; x++) {
            const column = x * 2 + dx - 1;
            if (column < 0 || column >= inputSide) continue;
            meet((channel * inputSide + row) * inputSide + column, tap + y * side + x);
          }
        }
      }
    }
  }
}

function channelMeans({ channels, side, data }: Maps): Float32Array {
  const area = side * side;
  return Float32Array.from(
    { length: channels },
    (_, channel) => data.subarray(channel * area, (channel + 1) * area).reduce((sum, v) => sum + v, 0) / area,
  );
}

function scoresOf({ classes, weights, biases }: Network, means: Float32Array): Float32Array {
  return Float32Array.from({ length: classes }, (_, k) =>
    means.reduce(
      (sum, mean, channel) => sum + mean * (weights[k * means.length + channel] as number),
      biases[k] as number,
    ),
  );
}

function softmax(scores: Float32Array): Float32Array {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Box and Muller. */
function normal(c: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - c.next())) * Math.cos(2 * Math.PI * c.next());
}
