import type { Layer } from '../perceptron.ts';

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
