import { attribute, elementType } from '../../onnx/model.ts';
import type { Graph } from '../graph.ts';
import type { Kernel, TracedTensor } from '../trace.ts';
import { inputOf, outputOf, type Writer } from './kernel.ts';

/** Kernels that treat every value by itself. */
export const ELEMENTWISE: Record<string, Writer> = {
  Relu: single((graph, x) => graph.add('Relu', [x])),
  Relu6: single((graph, x) => graph.add('Clip', [x, graph.scalar(0), graph.scalar(6)])),
  Sigmoid: single((graph, x) => graph.add('Sigmoid', [x])),
  Exp: single((graph, x) => graph.add('Exp', [x])),
  ClipByValue: single((graph, x, { attributes }) => {
    const { clipValueMin, clipValueMax } = attributes as { clipValueMin: number; clipValueMax: number };
    return graph.add('Clip', [x, graph.scalar(clipValueMin), graph.scalar(clipValueMax)]);
  }),
  Cast: single((graph, x, kernel) =>
    graph.add('Cast', [x], [attribute.integer('to', elementType(outputOf(kernel).type))]),
  ),
  Identity: (kernel, graph) => graph.setSame(outputOf(kernel), inputOf(kernel, 'x')),
  Add: double('Add'),
  Sub: double('Sub'),
  Multiply: double('Mul'),
  RealDiv: double('Div'),
  Equal: double('Equal'),
  // Integers only, in whose division both cut the fraction off; the networks divide indices, which are not negative.
  FloorDiv: integersOnly(double('Div')),
  Mod: integersOnly(double('Mod')),
  FusedBatchNorm: batchNorm,
};

function single(write: (graph: Graph, x: string, kernel: Kernel) => string): Writer {
  return (kernel, graph) => {
    const [input, output] = [inputOf(kernel, 'x'), outputOf(kernel)];
    if (graph.isChannelsFirst(input))
      graph.setChannelsFirst(output, write(graph, graph.channelsFirst(input), kernel));
    else graph.setPlain(output, write(graph, graph.plain(input), kernel));
  };
}

function double(operator: string): Writer {
  return (kernel, graph) => {
    const [a, b, output] = [inputOf(kernel, 'a'), inputOf(kernel, 'b'), outputOf(kernel)];
    const first = [a, b].some((input) => graph.isChannelsFirst(input));
    const names = first ? [a, b].map((input) => besideChannelsFirst(graph, input, output)) : [];
    if (first && names.every((name) => name !== undefined))
      graph.setChannelsFirst(output, graph.add(operator, names as string[]));
    else graph.setPlain(output, graph.add(operator, [graph.plain(a), graph.plain(b)]));
  };
}

/** An operand in the order channels first, or so that it is spread over it; undefined where that cannot be. */
function besideChannelsFirst(graph: Graph, input: TracedTensor, output: TracedTensor): string | undefined {
  if (output.shape.length !== 4) return undefined;
  if (input.shape.length === 4 && graph.constantOf(input) === undefined) return graph.channelsFirst(input);
  const values = graph.constantOf(input);
  const channels = input.shape.at(-1) ?? 1;
  if (values === undefined) return undefined;
  if (values.length === 1) return graph.weights(input.type, [], values);
  if (values.length === channels) return graph.weights(input.type, [1, channels, 1, 1], values);
  return input.shape.length === 4 ? graph.channelsFirst(input) : undefined;
}

function integersOnly(write: Writer): Writer {
  return (kernel, graph) => {
    if (outputOf(kernel).type !== 'int32') throw new Error(`${kernel.name} of floats is not known.`);
    write(kernel, graph);
  };
}

function batchNorm(kernel: Kernel, graph: Graph): void {
  const { varianceEpsilon } = kernel.attributes as { varianceEpsilon: number };
  const factors = ['scale', 'offset', 'mean', 'variance'].map((name) => graph.plain(inputOf(kernel, name)));
  const inputs = [graph.channelsFirst(inputOf(kernel, 'x')), ...factors];
  const epsilon = attribute.float('epsilon', varianceEpsilon);
  graph.setChannelsFirst(outputOf(kernel), graph.add('BatchNormalization', inputs, [epsilon]));
}
