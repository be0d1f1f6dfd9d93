import { InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import { expect } from 'vitest';
import { toOnnx } from '../../../scripts/build-networks/convert.ts';
import type { Run } from '../../../scripts/build-networks/networks.ts';
import type { Tensor, TensorFlow } from '../../../scripts/build-networks/tensorflow.ts';
import { type Trace, trace } from '../../../scripts/build-networks/trace.ts';

/** Traces at one input, and compares the ONNX model with TensorFlow.js at another: what was traced must not matter. */
export async function compare(
  tf: TensorFlow,
  run: Run,
  traced: Tensor,
  given: Tensor,
  tolerance = 1e-5,
): Promise<Trace> {
  const found = await trace(tf, run, traced);
  const outputs = found.outputs.map((_, i) => `output${i}`);
  const session = await InferenceSession.create(toOnnx(found, { name: 'network', outputs }));
  const values = given.dataSync();
  const feed = new OrtTensor(given.dtype as 'float32', values as Float32Array, given.shape);
  const got = await session.run({ input: feed });
  const expected = await run(given);
  for (const [i, tensor] of expected.entries()) {
    const output = got[outputs[i] as string];
    expect(output?.dims).toEqual(tensor.shape);
    const largest = largestDifference(tensor.dataSync(), output?.data as Float32Array);
    expect(largest.difference / Math.max(1, largest.value), `output ${i}`).toBeLessThan(tolerance);
  }
  return found;
}

export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>) {
  expect(b.length).toBe(a.length);
  let [difference, value] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference = Math.max(difference, Math.abs((a[i] ?? 0) - Number(b[i])));
    value = Math.max(value, Math.abs(a[i] ?? 0));
  }
  return { difference, value };
}
