import {
  type EditableGraph,
  type EditableNode,
  integersOf,
  newNode,
  type Weight,
} from '../onnx/editable-graph.ts';
import { attribute } from '../onnx/model.ts';
import { isPointwise, nameOf, Uses } from './affine.ts';

/** The runtime convolves in the processor's order where channels come in groups of four; in eights they fill more of it. */
const GROUP = 4;
const FULL = 8;

/**
 * Where a network leaves the order of channels that suits the processor, the runtime reorders the picture in memory
 * twice. Two causes of that are taken away: channels whose number it cannot group, and an activation of what was put
 * side by side.
 */
export function keepOrder(graph: EditableGraph): void {
  fillChannels(graph);
  activateBeforeConcat(graph);
}

/** Channels of nothing, as many as make a group, between a convolution and those that take what it gives. */
function fillChannels(graph: EditableGraph): void {
  const uses = new Uses(graph);
  for (const depthwise of graph.nodes.filter((node) => isDepthwise(graph, node))) {
    const channels = graph.weights.get(depthwise.inputs[1] ?? '')?.dims[0] ?? 0;
    const relu = uses.maker(depthwise.inputs[0] ?? '');
    const conv = relu?.type === 'Relu' ? uses.maker(relu.inputs[0] ?? '') : undefined;
    const takers = uses.takers(nameOf(depthwise));
    if (channels % GROUP === 0 || !conv || !relu || !isPointwise(conv) || !takers.every(isPointwise))
      continue;
    if (uses.takers(nameOf(conv)).length > 1 || uses.takers(nameOf(relu)).length > 1) continue;
    const full = Math.ceil(channels / FULL) * FULL;
    for (const node of [conv, depthwise]) fill(graph, node, [0], full);
    depthwise.attributes.set('group', attribute.integer('group', full));
    for (const taker of takers) fill(graph, taker, [1], full);
  }
}

/** Zeros until the weights of a convolution, and its bias where outputs are filled, are so many along an axis. */
function fill(graph: EditableGraph, conv: EditableNode, [axis]: readonly [0 | 1], to: number): void {
  for (const [at, name] of conv.inputs.entries()) {
    const weight = graph.weights.get(name);
    if (at === 0 || weight === undefined || (at === 2 && axis === 1)) continue;
    graph.weights.set(`${name}.filled`, filled(weight, axis, to));
    conv.inputs[at] = `${name}.filled`;
  }
}

function filled({ dims, values }: Weight, axis: number, to: number): Weight {
  const inner = dims.slice(axis + 1).reduce((product, size) => product * size, 1);
  const from = (dims[axis] ?? 0) * inner;
  const outer = values.length / from;
  const more = new Float32Array(outer * to * inner);
  for (let i = 0; i < outer; i++) more.set(values.subarray(i * from, (i + 1) * from), i * to * inner);
  return { dims: dims.map((size, i) => (i === axis ? to : size)), values: more };
}

function isDepthwise({ weights }: EditableGraph, node: EditableNode): boolean {
  const [filters, perGroup] = weights.get(node.inputs[1] ?? '')?.dims ?? [];
  return node.type === 'Conv' && perGroup === 1 && integersOf(node, 'group')[0] === filters;
}

/** What is cut off below nothing side by side is cut off one by one: by the convolutions, where they make it. */
function activateBeforeConcat(graph: EditableGraph): void {
  const uses = new Uses(graph);
  for (const concat of graph.nodes.filter(({ type }) => type === 'Concat')) {
    const relu = uses.only(nameOf(concat), 'Relu');
    if (relu === undefined) continue;
    const active = concat.inputs.map((input, i) => newNode('Relu', [input], `${nameOf(relu)}.${i}`));
    const whole = { ...concat, inputs: active.map(nameOf), outputs: relu.outputs };
    graph.nodes = graph.nodes.flatMap((node) =>
      node === concat ? [...active, whole] : node === relu ? [] : [node],
    );
  }
}
