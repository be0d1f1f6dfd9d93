import { attribute } from '../../onnx/model.ts';
import type { Field } from '../../onnx/protobuf.ts';
import type { Graph } from '../graph.ts';
import type { Kernel, TracedTensor } from '../trace.ts';
import { activated } from './activation.ts';
import { inputOf, optionalInput, outputOf, pair, type Writer } from './kernel.ts';

/** Convolutions and poolings: kernels that move a window over rows and columns. */
export const WINDOWS: Record<string, Writer> = {
  Conv2D: (kernel, graph) => convolve(kernel, graph, 'dense'),
  FusedConv2D: (kernel, graph) => convolve(kernel, graph, 'dense'),
  DepthwiseConv2dNative: (kernel, graph) => convolve(kernel, graph, 'depthwise'),
  FusedDepthwiseConv2D: (kernel, graph) => convolve(kernel, graph, 'depthwise'),
  MaxPool: (kernel, graph) => pool(kernel, graph, 'MaxPool'),
  // Both leave the cells beyond the edge out of the mean.
  AvgPool: (kernel, graph) => pool(kernel, graph, 'AveragePool'),
};

interface WindowAttributes {
  strides: number | [number, number];
  pad: unknown;
  dilations?: number | [number, number];
  activation?: string;
  filterSize?: number | [number, number];
}

type Pair = [number, number];

function convolve(kernel: Kernel, graph: Graph, kind: 'dense' | 'depthwise'): void {
  const { strides, pad, dilations = 1, activation } = kernel.attributes as unknown as WindowAttributes;
  const [input, filter, output] = [inputOf(kernel, 'x'), inputOf(kernel, 'filter'), outputOf(kernel)];
  const [rows = 0, columns = 0, channels = 0] = filter.shape;
  const values = graph.constantOf(filter);
  if (!(values instanceof Float32Array))
    throw new Error(`${kernel.name} takes a filter that is not constant.`);
  const moved = kind === 'dense' ? denseFilter(filter, values) : depthwiseFilter(filter, values);
  const inputs = [graph.channelsFirst(input), graph.weights('float32', moved.dims, moved.values)];
  const bias = optionalInput(kernel, 'bias');
  if (bias !== undefined) inputs.push(graph.plain(bias));
  const name = graph.add('Conv', inputs, [
    ...windowOf([rows, columns], pair(strides), pair(dilations), pad, input, output),
    attribute.integers('dilations', pair(dilations)),
    attribute.integer('group', kind === 'dense' ? 1 : channels),
  ]);
  graph.setChannelsFirst(output, activated(graph, name, activation));
}

function pool(kernel: Kernel, graph: Graph, operator: string): void {
  const { filterSize = 1, strides, pad } = kernel.attributes as unknown as WindowAttributes;
  const [input, output] = [inputOf(kernel, 'x'), outputOf(kernel)];
  const window = windowOf(pair(filterSize), pair(strides), [1, 1], pad, input, output);
  graph.setChannelsFirst(output, graph.add(operator, [graph.channelsFirst(input)], window));
}

function windowOf(
  size: Pair,
  strides: Pair,
  dilations: Pair,
  pad: unknown,
  from: TracedTensor,
  to: TracedTensor,
): Field[] {
  return [
    attribute.integers('kernel_shape', size),
    attribute.integers('strides', strides),
    attribute.integers('pads', padding(size, strides, dilations, pad, from, to)),
  ];
}

/** Top, left, bottom, right. TensorFlow's "same" puts the odd cell of padding after, not before. */
function padding(
  size: Pair,
  strides: Pair,
  dilations: Pair,
  pad: unknown,
  from: TracedTensor,
  to: TracedTensor,
): number[] {
  if (pad === 'valid') return [0, 0, 0, 0];
  if (pad !== 'same') throw new Error(`Padding of ${JSON.stringify(pad)} is not known.`);
  const [vertical, horizontal] = ([0, 1] as const).map((axis) => {
    const reach = ((to.shape[axis + 1] ?? 0) - 1) * strides[axis] + (size[axis] - 1) * dilations[axis] + 1;
    const total = Math.max(0, reach - (from.shape[axis + 1] ?? 0));
    return [Math.floor(total / 2), Math.ceil(total / 2)] as Pair;
  }) as [Pair, Pair];
  return [vertical[0], horizontal[0], vertical[1], horizontal[1]];
}

/** From rows, columns, inputs, outputs to outputs, inputs, rows, columns. */
function denseFilter(
  { shape: [rows = 0, columns = 0, from = 0, to = 0] }: TracedTensor,
  values: Float32Array,
) {
  const moved = new Float32Array(values.length);
  const cells = rows * columns;
  for (let cell = 0; cell < cells; cell++)
    for (let i = 0; i < from; i++)
      for (let o = 0; o < to; o++)
        moved[(o * from + i) * cells + cell] = values[(cell * from + i) * to + o] as number;
  return { dims: [to, from, rows, columns], values: moved };
}

/** From rows, columns, channels, multiplier to channels times multiplier, 1, rows, columns. */
function depthwiseFilter(
  { shape: [rows = 0, columns = 0, channels = 0, multiplier = 0] }: TracedTensor,
  values: Float32Array,
) {
  const moved = new Float32Array(values.length);
  const [cells, filters] = [rows * columns, channels * multiplier];
  for (let cell = 0; cell < cells; cell++)
    for (let filter = 0; filter < filters; filter++)
      moved[filter * cells + cell] = values[cell * filters + filter] as number;
  return { dims: [filters, 1, rows, columns], values: moved };
}
