import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { simplify } from '../../../scripts/build-networks/simplify.ts';
import { flattenEnlargingHead } from '../../../scripts/build-networks/text/enlarging-head.ts';
import { TEXT_SOURCES } from '../../../scripts/build-networks/text/networks.ts';
import { newNode, readModel, writeModel } from '../../../scripts/onnx/editable-graph.ts';
import { packageDirectory } from '../../../src/local/vision/models/packages.ts';
import { drawSign } from '../../local/vision/models/support/sign.ts';
import { largestDifference } from './compare.ts';

const originalOf = ({ from }: (typeof TEXT_SOURCES)[number]) =>
  readFileSync(join(packageDirectory(from.package), from.files[0]));

/** Planes of 0 to 1, as the text networks take them. */
async function planes(picture: Sharp, width: number, height: number): Promise<Tensor> {
  const { data } = await picture
    .resize(width, height, { fit: 'fill' })
    .flatten()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const values = new Float32Array(3 * width * height);
  for (let i = 0; i < values.length; i++)
    values[(i % 3) * width * height + Math.floor(i / 3)] = (data[i] ?? 0) / 255;
  return new Tensor('float32', values, [1, 3, height, width]);
}

test.each(TEXT_SOURCES)(
  '$name says of a sign what its package says, in two thirds of the nodes',
  async (source) => {
    const original = originalOf(source);
    const edited = source.edit(original);
    expect(readModel(edited).nodes.length).toBeLessThan(readModel(original).nodes.length * 0.75);
    const [before, after] = await Promise.all([
      InferenceSession.create(original),
      InferenceSession.create(edited),
    ]);
    const lines = ['MEET AT THE CENTRE', 'AT TEN'];
    const sign = drawSign(lines, { width: 1600, height: 700, left: 60, top: 80 });
    // Two shapes, neither of which the file names.
    for (const [width, height] of source.name === 'text-detector'
      ? [[320, 160] as const, [96, 256] as const]
      : [[320, 48] as const, [151, 48] as const]) {
      const input = await planes(sign.clone(), width, height);
      const [expected, got] = await Promise.all([before.run({ x: input }), after.run({ x: input })]);
      const name = before.outputNames[0] ?? '';
      expect(got[name]?.dims).toEqual(expected[name]?.dims);
      const { difference, value } = largestDifference(
        expected[name]?.data as Float32Array,
        got[name]?.data as Float32Array,
      );
      // Something must be seen in the picture, or equal answers would mean little.
      expect(value).toBeGreaterThan(0.3);
      expect(difference).toBeLessThan(1e-4);
    }
  },
);

test('an ONNX file is the same after it was read and written', async () => {
  for (const source of TEXT_SOURCES) {
    const graph = readModel(originalOf(source));
    const again = readModel(writeModel(graph));
    expect(again.nodes).toEqual(graph.nodes);
    expect(again.inputs).toEqual(graph.inputs);
    const used = [...graph.weights].filter(([name]) =>
      graph.nodes.some(({ inputs }) => inputs.includes(name)),
    );
    expect([...again.weights]).toEqual(used);
  }
  expect(() => readModel(Buffer.from([]))).toThrow('no ONNX model');
});

test('what only looks like an activation in six steps is left as it is', () => {
  const graph = readModel(originalOf(TEXT_SOURCES[1] as (typeof TEXT_SOURCES)[number]));
  const [first] = graph.nodes.filter(({ type }) => type === 'Clip');
  // Something else wants the sum as well: it must go on existing.
  graph.nodes.push(newNode('Relu', [first?.inputs[0] ?? ''], 'taken'));
  const clips = (nodes: typeof graph.nodes) =>
    nodes.filter(({ type, inputs }) => type === 'Clip' && inputs[0] === first?.inputs[0]);
  expect(clips(simplify(graph).nodes)).toHaveLength(1);
  expect(flattenEnlargingHead(graph).nodes).toHaveLength(graph.nodes.length);
});
