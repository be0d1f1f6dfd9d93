import type { EditableGraph, EditableNode } from '../../onnx/editable-graph.ts';
import { nameOf, ownWeights, Uses } from '../affine.ts';

/** The least that a variance counts: PaddleOCR's own. */
const EPSILON = 1e-5;

/** What a normalisation of `x + bias` multiplies x by and adds, channel by channel. */
export function normalisation(
  { weights }: EditableGraph,
  norm: EditableNode,
  bias: Float32Array,
  channels: number,
): { scale: Float32Array; shift: Float32Array } {
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((input) => {
    const found = weights.get(norm.inputs[input] ?? '')?.values;
    if (found === undefined) throw new Error(`Input ${input} of ${nameOf(norm)} is no constant.`);
    return (channel: number) => found[channel] ?? 0;
  }) as [Channel, Channel, Channel, Channel];
  const scale = Float32Array.from(
    { length: channels },
    (_, i) => gamma(i) / Math.sqrt(variance(i) + EPSILON),
  );
  const shift = scale.map(
    (factor, i) => ((bias[bias.length === 1 ? 0 : i] ?? 0) - mean(i)) * factor + beta(i),
  );
  return { scale, shift };
}

type Channel = (channel: number) => number;

/** A normalised convolution is one with other weights. */
export function foldNormalisation(graph: EditableGraph): EditableGraph {
  const uses = new Uses(graph);
  const gone = new Set<EditableNode>();
  for (const conv of graph.nodes.filter(({ type }) => type === 'Conv')) {
    const norm = uses.only(nameOf(conv), 'BatchNormalization');
    const own = norm && ownWeights(graph, conv);
    if (norm === undefined || own === undefined) continue;
    const { weight, bias } = own;
    const channels = bias.values.length;
    const { scale, shift } = normalisation(graph, norm, bias.values, channels);
    const perChannel = weight.values.length / channels;
    weight.values.set(weight.values.map((value, i) => value * (scale[Math.floor(i / perChannel)] ?? 0)));
    bias.values.set(shift);
    conv.outputs = norm.outputs;
    gone.add(norm);
  }
  graph.nodes = graph.nodes.filter((node) => !gone.has(node));
  return graph;
}
