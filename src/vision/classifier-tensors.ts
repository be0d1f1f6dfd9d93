/** What an image classifier wants to be given, in pixels. */
export interface InputShape {
  width: number;
  height: number;
  /** Whether the channels come first (1 x 3 x H x W) or last. */
  layout: 'NCHW' | 'NHWC';
  dims: readonly number[];
}

/** Side of the input where the model leaves it open: what most classifiers are trained with. */
const USUAL_SIDE = 224;

/**
 * Reads the shape of a model's input; a dimension left open is a text or not positive.
 *
 * @returns undefined where it is not one image of three channels
 */
export function readInputShape(shape: readonly (number | string)[]): InputShape | undefined {
  if (shape.length !== 4) return undefined;
  const [batch, ...rest] = shape.map((size) => (typeof size === 'number' && size > 0 ? size : undefined));
  if (batch !== undefined && batch !== 1) return undefined;
  const layout = rest[0] === 3 ? 'NCHW' : rest[2] === 3 ? 'NHWC' : undefined;
  if (layout === undefined) return undefined;
  const [height = USUAL_SIDE, width = USUAL_SIDE] = layout === 'NCHW' ? rest.slice(1) : rest;
  const dims = layout === 'NCHW' ? [1, 3, height, width] : [1, height, width, 3];
  return { width, height, layout, dims };
}

/**
 * Fills the input tensor.
 *
 * @param rgb `width * height * 3` bytes
 * @param options `mean` and `scale` stand in the model's own order of channels
 */
export function toTensorData(
  rgb: Uint8Array,
  { width, height, layout }: Pick<InputShape, 'width' | 'height' | 'layout'>,
  { mean, scale, channels }: { mean: readonly number[]; scale: readonly number[]; channels: 'RGB' | 'BGR' },
): Float32Array {
  const area = width * height;
  const data = new Float32Array(area * 3);
  for (let channel = 0; channel < 3; channel++) {
    const source = channels === 'RGB' ? channel : 2 - channel;
    const [offset, factor] = [mean[channel] ?? 0, 1 / (scale[channel] ?? 1)];
    for (let i = 0; i < area; i++) {
      const at = layout === 'NCHW' ? channel * area + i : i * 3 + channel;
      data[at] = ((rgb[i * 3 + source] ?? 0) - offset) * factor;
    }
  }
  return data;
}

/** Scores as probabilities: as they are where they are probabilities (to a thousandth), else their softmax. */
export function softmaxed(scores: Float32Array): Float32Array {
  const sum = scores.reduce((total, score) => total + score, 0);
  if (Math.abs(sum - 1) < 1e-3 && scores.every((score) => score >= 0)) return scores;
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const total = powers.reduce((all, power) => all + power, 0);
  return powers.map((power) => power / total);
}
