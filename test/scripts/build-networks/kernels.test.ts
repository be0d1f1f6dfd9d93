import { expect, test } from 'vitest';
import { KERNELS, toOnnx } from '../../../scripts/build-networks/convert.ts';
import { startTensorFlow, type Tensor, type TensorFlow } from '../../../scripts/build-networks/tensorflow.ts';
import { trace } from '../../../scripts/build-networks/trace.ts';
import { compare } from './compare.ts';

const { tf } = await startTensorFlow();
type Tensor4D = import('@tensorflow/tfjs-core').Tensor4D;
type Tensor2D = import('@tensorflow/tfjs-core').Tensor2D;

/** Numbers of both signs, none of them near zero, that no kernel maps to a tie. */
function numbers(shape: readonly number[], seed: number, type: 'float32' | 'int32' = 'float32'): Tensor {
  const count = shape.reduce((product, size) => product * size, 1);
  const values = Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898 + seed) * 9);
  return tf.tensor(
    type === 'int32' ? values.map((value) => Math.floor(Math.abs(value) * 7)) : values,
    [...shape],
    type,
  );
}

const IMAGE = [1, 7, 6, 4];
const image = (input: Tensor) => input as Tensor4D;
const filter = numbers([3, 2, 4, 5], 3) as Tensor4D;
const depthwise = numbers([3, 3, 4, 1], 4) as Tensor4D;
const bias = numbers([5], 5);
const channels = numbers([4], 6);
const positive = tf.square(numbers([4], 2));

interface Case {
  kernels: string[];
  shape?: number[];
  type?: 'int32';
  run(input: Tensor, tf: TensorFlow): Tensor | Tensor[];
}

/** After this the value is in the order channels first. */
const channelsFirst = (x: Tensor) => tf.maxPool(image(x), 1, 1, 'valid');

const CASES: Record<string, Case> = {
  'a convolution, valid': { kernels: ['Conv2D'], run: (x) => tf.conv2d(image(x), filter, 1, 'valid') },
  'a convolution, same, by strides': {
    kernels: ['Conv2D'],
    run: (x) => tf.conv2d(image(x), filter, [2, 1], 'same'),
  },
  'a dilated convolution': {
    kernels: ['Conv2D'],
    run: (x) => tf.conv2d(image(x), filter, 1, 'same', 'NHWC', [2, 2]),
  },
  ...Object.fromEntries(
    (['linear', 'relu', 'relu6', 'sigmoid'] as const).map((activation): [string, Case] => [
      `a fused convolution, ${activation}`,
      {
        kernels: ['FusedConv2D'],
        run: (x) => tf.fused.conv2d({ x: image(x), filter, strides: 2, pad: 'same', bias, activation }),
      },
    ]),
  ),
  'a depthwise convolution': {
    kernels: ['DepthwiseConv2dNative'],
    run: (x) => tf.depthwiseConv2d(image(x), depthwise, 2, 'same'),
  },
  'a fused depthwise convolution': {
    kernels: ['FusedDepthwiseConv2D'],
    run: (x) =>
      tf.fused.depthwiseConv2d({
        x: image(x),
        filter: depthwise,
        strides: 1,
        pad: 'same',
        bias: channels,
        activation: 'relu6',
      }),
  },
  'the largest of a window': { kernels: ['MaxPool'], run: (x) => tf.maxPool(image(x), 3, 2, 'same') },
  'the mean of a window, at the edge of what is there': {
    kernels: ['AvgPool'],
    run: (x) => tf.avgPool(image(x), 2, 2, 'same'),
  },
  'activations and bounds': {
    kernels: ['Relu', 'Relu6', 'Sigmoid', 'Exp', 'ClipByValue'],
    run: (x) => [tf.relu(x), tf.relu6(x), tf.sigmoid(x), tf.exp(x), tf.clipByValue(x, -2, 3)],
  },
  'the same, channels first': {
    kernels: ['MaxPool', 'Relu', 'ClipByValue'],
    run: (x) => tf.clipByValue(tf.relu(channelsFirst(x)), 1, 3),
  },
  'sums, differences, products, quotients': {
    kernels: ['Add', 'Sub', 'Multiply', 'RealDiv'],
    run: (x) => tf.div(tf.mul(tf.sub(tf.add(x, channels), 1.5), x), numbers(IMAGE, 8)),
  },
  'the same beside channels first: by channel, by number, by cell, by another': {
    kernels: ['MaxPool', 'Add', 'Sub', 'Multiply', 'RealDiv'],
    run: (x) => {
      const first = channelsFirst(x);
      return tf.mul(tf.div(tf.sub(tf.add(first, channels), 1.5), numbers(IMAGE, 8)), first);
    },
  },
  'an operand of fewer axes beside channels first': {
    kernels: ['MaxPool', 'Reshape', 'Add'],
    run: (x) => tf.add(channelsFirst(x), tf.reshape(tf.slice(x, [0, 0, 0, 0], [1, 1, 6, 1]), [6, 1])),
  },
  'comparison and types': {
    kernels: ['Equal', 'Cast'],
    run: (x) => tf.cast(tf.equal(tf.cast(x, 'int32'), tf.cast(numbers(IMAGE, 2), 'int32')), 'float32'),
  },
  'whole quotients and rests of indices': {
    kernels: ['FloorDiv', 'Mod', 'Cast'],
    type: 'int32',
    run: (x) => [
      tf.cast(tf.floorDiv(x, tf.scalar(5, 'int32')), 'float32'),
      tf.cast(tf.mod(x, tf.scalar(5, 'int32')), 'float32'),
    ],
  },
  normalisation: {
    kernels: ['FusedBatchNorm'],
    run: (x) =>
      tf.batchNorm(
        image(x),
        numbers([4], 1) as never,
        positive as never,
        numbers([4], 3) as never,
        numbers([4], 4) as never,
        0.01,
      ),
  },
  'shapes and orders': {
    kernels: ['Reshape', 'ExpandDims', 'Transpose', 'Tile', 'Identity'],
    run: (x) => [
      tf.reshape(x, [6, 28]),
      tf.expandDims(x, 2),
      tf.transpose(x, [0, 3, 1, 2]),
      tf.tile(x, [2, 1, 1, 3]),
      tf.add(tf.clone(x), 1),
    ],
  },
  'putting together': {
    kernels: ['Concat', 'MaxPool', 'Pack', 'Fill'],
    run: (x) => [
      tf.concat([x, tf.fill(IMAGE, 0.5)], 3),
      tf.concat([channelsFirst(x), x], -1),
      tf.concat([channelsFirst(x), x], 1),
      tf.stack([x, x], 1),
    ],
  },
  'taking apart': {
    kernels: ['Unpack', 'Slice', 'GatherV2'],
    run: (x) => [
      ...tf.unstack(x, 2).slice(0, 2),
      tf.slice(x, [0, 1, 2, 0], [1, 3, 2, 4]),
      tf.gather(x, tf.tensor1d([2, 0, 2], 'int32'), 1),
    ],
  },
  'slices with masks': {
    kernels: ['StridedSlice'],
    run: (x) => [
      tf.stridedSlice(x, [0, 1, 0, 0], [1, 6, 6, 4], [1, 2, 1, 3]),
      tf.stridedSlice(x, [0, 1, 5, 1], [0, 0, 0, 3], [1, 1, 1, 1], 2, 7, 0, 0, 8),
      // tf[..., -1]
      tf.stridedSlice(x, [0, -1], [0, 0], [1, 1], 0, 0, 1, 0, 2),
    ],
  },
  means: {
    kernels: ['Mean', 'MaxPool'],
    run: (x) => [
      tf.mean(channelsFirst(x), [1, 2]),
      tf.mean(channelsFirst(x), [1, 2], true),
      tf.mean(x, -1),
      tf.mean(x, [0, 3]),
    ],
  },
  'the highest': {
    kernels: ['Max'],
    run: (x) => [tf.max(x, -1), tf.max(x, [0, 3]), tf.max(x, 2, true)],
  },
  products: {
    kernels: ['BatchMatMul', '_FusedMatMul'],
    shape: [3, 4],
    run: (x) => [
      tf.matMul(x as Tensor2D, numbers([4, 5], 1) as Tensor2D),
      tf.matMul(x as Tensor2D, numbers([5, 3], 1) as Tensor2D, true, true),
      tf.fused.matMul({ a: x as Tensor2D, b: numbers([4, 5], 2) as Tensor2D, bias, activation: 'relu' }),
    ],
  },
  'shares of a whole': { kernels: ['Softmax'], run: (x) => tf.softmax(x) },
  'the best of a list, and where they stand': {
    kernels: ['TopK', 'Cast'],
    shape: [3, 9],
    run: (x) => {
      const { values, indices } = tf.topk(x, 4);
      return [values, tf.cast(indices, 'float32')];
    },
  },
  'another size': {
    kernels: ['ResizeBilinear'],
    run: (x) => [
      tf.image.resizeBilinear(image(x), [14, 9]),
      tf.image.resizeBilinear(image(x), [14, 12], false, true),
      tf.image.resizeBilinear(image(x), [5, 11], true),
    ],
  },
};

test.each(Object.entries(CASES))(
  '%s: the same as ONNX',
  async (_name, { kernels, shape = IMAGE, type, run }) => {
    const found = await compare(
      tf,
      async (x) => [run(x, tf)].flat(),
      numbers(shape, 0.3, type),
      numbers(shape, 0.7, type),
    );
    expect(found.kernels.map(({ name }) => name)).toEqual(expect.arrayContaining(kernels));
  },
);

test('every kernel that can be written is compared', () => {
  expect(new Set(Object.values(CASES).flatMap(({ kernels }) => kernels))).toEqual(
    new Set(Object.keys(KERNELS)),
  );
});

test('a kernel that is not known is refused by name', async () => {
  const found = await trace(tf, async (x) => [tf.erf(x)], numbers([3], 1));
  expect(() => toOnnx(found, { name: 'example', outputs: ['y'] })).toThrow(
    'example calls the kernel Erf, which cannot be written as ONNX.',
  );
});

test('what leads to no output is left out, and the engine is as it was', async () => {
  const before = tf.engine().runKernel;
  const network = async (x: Tensor) => {
    tf.exp(x);
    return [tf.relu(x)];
  };
  expect((await trace(tf, network, numbers([3], 1))).kernels.map(({ name }) => name)).toEqual(['Relu']);
  expect(tf.engine().runKernel).toBe(before);
});
