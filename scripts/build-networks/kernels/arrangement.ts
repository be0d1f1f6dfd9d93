import { attribute } from '../../onnx/model.ts';
import type { Graph } from '../graph.ts';
import type { Kernel } from '../trace.ts';
import { axisOf, inputOf, inputsOf, outputOf, type Writer } from './kernel.ts';

/** Kernels that put values elsewhere and leave them as they are. */
export const ARRANGEMENT: Record<string, Writer> = {
  Reshape: (kernel, graph) => reshape(kernel, graph, 'x'),
  ExpandDims: (kernel, graph) => reshape(kernel, graph, 'input'),
  Transpose: (kernel, graph) => {
    const { perm } = kernel.attributes as { perm: number[] };
    const name = graph.add(
      'Transpose',
      [graph.plain(inputOf(kernel, 'x'))],
      [attribute.integers('perm', perm)],
    );
    graph.setPlain(outputOf(kernel), name);
  },
  Tile: (kernel, graph) => {
    const { reps } = kernel.attributes as { reps: number[] };
    graph.setPlain(
      outputOf(kernel),
      graph.add('Tile', [graph.plain(inputOf(kernel, 'x')), graph.integers(reps)]),
    );
  },
  Fill: (kernel, graph) => {
    const { value } = kernel.attributes as { value: number };
    const output = outputOf(kernel);
    const count = output.shape.reduce((product, size) => product * size, 1);
    graph.setConstant(output, new Float32Array(count).fill(value));
  },
  Concat: concat,
  Pack: pack,
  Unpack: unpack,
  Slice: (kernel, graph) => {
    const { begin } = kernel.attributes as { begin: number[] };
    const output = outputOf(kernel);
    const end = begin.map((from, axis) => from + (output.shape[axis] ?? 0));
    const axes = begin.map((_, axis) => axis);
    const bounds = [begin, end, axes].map((list) => graph.integers(list));
    graph.setPlain(output, graph.add('Slice', [graph.plain(inputOf(kernel, 'x')), ...bounds]));
  },
  StridedSlice: stridedSlice,
  GatherV2: (kernel, graph) => {
    const [values, indices, output] = [inputOf(kernel, 'x'), inputOf(kernel, 'indices'), outputOf(kernel)];
    const { axis, batchDims = 0 } = kernel.attributes as { axis: number; batchDims?: number };
    if (batchDims !== 0) throw new Error('GatherV2 by batches is not known.');
    const gathered = graph.add(
      'Gather',
      [graph.plain(values), graph.plain(indices)],
      [attribute.integer('axis', axisOf(axis, values))],
    );
    graph.setPlain(output, gathered);
  },
};

function reshape(kernel: Kernel, graph: Graph, input: string): void {
  const output = outputOf(kernel);
  const name = graph.add('Reshape', [graph.plain(inputOf(kernel, input)), graph.integers(output.shape)]);
  graph.setPlain(output, name);
}

function concat(kernel: Kernel, graph: Graph): void {
  const output = outputOf(kernel);
  const inputs = inputsOf(kernel);
  const axis = axisOf((kernel.attributes as { axis: number }).axis, output);
  if (output.shape.length === 4 && inputs.some((input) => graph.isChannelsFirst(input))) {
    const moved = attribute.integer('axis', [0, 2, 3, 1][axis] ?? 0);
    const names = inputs.map((input) => graph.channelsFirst(input));
    graph.setChannelsFirst(output, graph.add('Concat', names, [moved]));
  } else {
    const names = inputs.map((input) => graph.plain(input));
    graph.setPlain(output, graph.add('Concat', names, [attribute.integer('axis', axis)]));
  }
}

function pack(kernel: Kernel, graph: Graph): void {
  const output = outputOf(kernel);
  const axis = axisOf((kernel.attributes as { axis: number }).axis, output);
  const layers = inputsOf(kernel).map((input) =>
    graph.add('Unsqueeze', [graph.plain(input), graph.integers([axis])]),
  );
  graph.setPlain(output, graph.add('Concat', layers, [attribute.integer('axis', axis)]));
}

function unpack(kernel: Kernel, graph: Graph): void {
  const input = inputOf(kernel, 'value');
  const axis = axisOf((kernel.attributes as { axis: number }).axis, input);
  kernel.outputs.forEach((output, index) => {
    const at = graph.weights('int64', [], BigInt64Array.of(BigInt(index)));
    graph.setPlain(output, graph.add('Gather', [graph.plain(input), at], [attribute.integer('axis', axis)]));
  });
}

interface Strided {
  begin: number[];
  end: number[];
  strides: number[];
  beginMask: number;
  endMask: number;
  ellipsisMask: number;
  newAxisMask: number;
  shrinkAxisMask: number;
}

/** TensorFlow's slice of many masks: a bit says that a bound is not meant, that an axis goes, that dots stand there. */
function stridedSlice(kernel: Kernel, graph: Graph): void {
  const [input, output] = [inputOf(kernel, 'x'), outputOf(kernel)];
  const given = kernel.attributes as unknown as Strided;
  if (given.newAxisMask !== 0) throw new Error('A strided slice that adds an axis is not known.');
  const bit = (mask: number, at: number) => ((mask >> at) & 1) === 1;
  const bounds: { axis: number; from: number; to: number; by: number }[] = [];
  let axis = 0;
  given.begin.forEach((begin, at) => {
    if (bit(given.ellipsisMask, at)) {
      axis += input.shape.length - given.begin.length + 1;
      return;
    }
    const size = input.shape[axis] ?? 0;
    const by = given.strides[at] ?? 1;
    if (by < 1) throw new Error('A strided slice that runs backwards is not known.');
    const from = bit(given.beginMask, at) ? 0 : begin < 0 ? size + begin : begin;
    const end = bit(given.endMask, at) ? size : (given.end[at] ?? size);
    bounds.push({ axis, from, to: bit(given.shrinkAxisMask, at) ? from + 1 : end, by });
    axis++;
  });
  const lists = (['from', 'to', 'axis', 'by'] as const).map((key) =>
    graph.integers(bounds.map((bound) => bound[key])),
  );
  const sliced = graph.add('Slice', [graph.plain(input), ...lists]);
  graph.setPlain(output, graph.add('Reshape', [sliced, graph.integers(output.shape)]));
}
