import { attribute } from '../../onnx/model.ts';
import type { Graph } from '../graph.ts';
import type { Kernel, TracedTensor } from '../trace.ts';
import { activated } from './activation.ts';
import { axisOf, inputOf, optionalInput, outputOf, type Writer } from './kernel.ts';

/** Kernels whose values come from many: means, products, the best of a list, and other sizes of an image. */
export const REDUCTION: Record<string, Writer> = {
  Mean: mean,
  Max: (kernel, graph) => {
    const input = inputOf(kernel, 'x');
    const { reductionIndices, keepDims } = kernel.attributes as Record<string, unknown>;
    const axes = [reductionIndices as number | number[]].flat().map((one) => axisOf(one, input));
    const over = [attribute.integers('axes', axes), attribute.integer('keepdims', keepDims ? 1 : 0)];
    graph.setPlain(outputOf(kernel), graph.add('ReduceMax', [graph.plain(input)], over));
  },
  BatchMatMul: product,
  _FusedMatMul: product,
  Softmax: (kernel, graph) => {
    const logits = inputOf(kernel, 'logits');
    const { dim } = kernel.attributes as { dim: number };
    const axis = attribute.integer('axis', axisOf(dim, logits));
    graph.setPlain(outputOf(kernel), graph.add('Softmax', [graph.plain(logits)], [axis]));
  },
  TopK: (kernel, graph) => {
    const { k } = kernel.attributes as { k: number };
    const [values, indices] = kernel.outputs as [TracedTensor, TracedTensor];
    const [best = '', at = ''] = graph.addMany(
      'TopK',
      [graph.plain(inputOf(kernel, 'x')), graph.integers([k])],
      2,
    );
    graph.setPlain(values, best);
    // ONNX counts in int64, TensorFlow.js in int32.
    graph.setPlain(indices, graph.add('Cast', [at], [attribute.integer('to', 6)]));
  },
  ResizeBilinear: resize,
};

function mean(kernel: Kernel, graph: Graph): void {
  const [input, output] = [inputOf(kernel, 'x'), outputOf(kernel)];
  const { axis, keepDims } = kernel.attributes as { axis: number | number[]; keepDims?: boolean };
  const axes = [axis].flat().map((one) => axisOf(one, input));
  const keep = attribute.integer('keepdims', keepDims ? 1 : 0);
  if (input.shape.length === 4 && axes.join() === '1,2') {
    const given = [graph.channelsFirst(input)];
    if (output.shape.length === 4) graph.setChannelsFirst(output, graph.add('GlobalAveragePool', given));
    else {
      const over = attribute.integers('axes', [2, 3]);
      graph.setPlain(output, graph.add('ReduceMean', given, [over, keep]));
    }
  } else {
    const over = attribute.integers('axes', axes);
    graph.setPlain(output, graph.add('ReduceMean', [graph.plain(input)], [over, keep]));
  }
}

function product(kernel: Kernel, graph: Graph): void {
  const given = kernel.attributes as { transposeA?: boolean; transposeB?: boolean; activation?: string };
  const factor = (input: TracedTensor, transposed: boolean | undefined): string => {
    const name = graph.plain(input);
    if (!transposed) return name;
    const axes = input.shape.map((_, axis) => axis);
    const [last = 0, before = 0] = [axes.pop(), axes.pop()];
    return graph.add('Transpose', [name], [attribute.integers('perm', [...axes, last, before])]);
  };
  const [a, b] = [inputOf(kernel, 'a'), inputOf(kernel, 'b')];
  let name = graph.add('MatMul', [factor(a, given.transposeA), factor(b, given.transposeB)]);
  const bias = optionalInput(kernel, 'bias');
  if (bias !== undefined) name = graph.add('Add', [name, graph.plain(bias)]);
  graph.setPlain(outputOf(kernel), activated(graph, name, given.activation));
}

function resize(kernel: Kernel, graph: Graph): void {
  const { alignCorners, halfPixelCenters } = kernel.attributes as {
    alignCorners: boolean;
    halfPixelCenters: boolean;
  };
  const output = outputOf(kernel);
  const [batch = 1, rows = 1, columns = 1, channels = 1] = output.shape;
  const place = halfPixelCenters ? 'half_pixel' : alignCorners ? 'align_corners' : 'asymmetric';
  const inputs = [
    graph.channelsFirst(inputOf(kernel, 'images')),
    ...['', ''],
    graph.integers([batch, channels, rows, columns]),
  ];
  const attributes = [
    attribute.string('mode', 'linear'),
    attribute.string('coordinate_transformation_mode', place),
  ];
  graph.setChannelsFirst(output, graph.add('Resize', inputs, attributes));
}
