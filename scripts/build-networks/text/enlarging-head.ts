import { type EditableGraph, type EditableNode, integersOf, newNode } from '../../onnx/editable-graph.ts';
import { nameOf, Uses } from '../affine.ts';
import { normalisation } from './normalisation.ts';

/** Pixels that one becomes along each side, in each of two steps. */
const STEP = 2;
const PLACES = STEP * STEP;

/**
 * The detector ends with two transposed convolutions that make of each pixel 2 x 2, and of each of these 2 x 2 again.
 * None of them sees its neighbours, so that both are pointwise convolutions of the small picture, whose channels are
 * spread over the large one at the very end.
 */
export function flattenEnlargingHead(graph: EditableGraph): EditableGraph {
  const uses = new Uses(graph);
  for (const first of graph.nodes.filter((node) => isEnlarging(node))) {
    const chain = followers(uses, first, [
      'Add',
      'BatchNormalization',
      'Relu',
      'ConvTranspose',
      'Add',
      'Sigmoid',
    ]);
    const [bias, norm, , second, secondBias, sigmoid] = chain;
    if (!bias || !norm || !second || !secondBias || !sigmoid || !isEnlarging(second)) continue;
    const { dims, values } = weightOf(graph, first, 1);
    const [inner = 0, middle = 0] = dims;
    const { scale, shift } = normalisation(graph, norm, addend(graph, bias), middle);
    const spread = new Float32Array(PLACES * middle * inner);
    for (let place = 0; place < PLACES; place++)
      for (let to = 0; to < middle; to++)
        for (let from = 0; from < inner; from++)
          spread[(place * middle + to) * inner + from] =
            at(values, (from * middle + to) * PLACES + place) * at(scale, to);
    const name = nameOf(sigmoid);
    const made = [
      ...pointwise(graph, first.inputs[0] ?? '', `${name}.spread`, [PLACES * middle, inner], spread, (i) =>
        at(shift, i % middle),
      ),
      newNode('Relu', [`${name}.spread`], `${name}.active`),
      ...pointwise(
        graph,
        `${name}.active`,
        `${name}.map`,
        [PLACES * PLACES, PLACES * middle],
        blockwise(weightOf(graph, second, 1).values, middle),
        () => at(addend(graph, secondBias), 0),
      ),
      newNode('Sigmoid', [`${name}.map`], `${name}.blocks`),
      newNode('DepthToSpace', [`${name}.blocks`], name, { blocksize: PLACES }),
    ];
    const gone = new Set([first, ...chain]);
    graph.nodes = graph.nodes.flatMap((node) => (node === sigmoid ? made : gone.has(node) ? [] : [node]));
  }
  return graph;
}

/**
 * The second step for each place of the first: channel (row, column) of the 4 x 4 pixels takes of the channels of its
 * own quarter alone.
 */
function blockwise(values: Float32Array, middle: number): Float32Array {
  const weights = new Float32Array(PLACES * PLACES * PLACES * middle);
  for (let row = 0; row < PLACES; row++) {
    for (let column = 0; column < PLACES; column++) {
      const outer = Math.floor(row / STEP) * STEP + Math.floor(column / STEP);
      const within = (row % STEP) * STEP + (column % STEP);
      for (let from = 0; from < middle; from++)
        weights[((row * PLACES + column) * PLACES + outer) * middle + from] = at(
          values,
          from * PLACES + within,
        );
    }
  }
  return weights;
}

function isEnlarging(node: EditableNode): boolean {
  return (
    node.type === 'ConvTranspose' &&
    integersOf(node, 'kernel_shape').every((size) => size === STEP) &&
    integersOf(node, 'strides').every((size) => size === STEP) &&
    integersOf(node, 'pads').every((size) => size === 0) &&
    integersOf(node, 'group').every((count) => count === 1)
  );
}

/** What follows a node, each the only one that takes what the one before gives; cut off where it is of another type. */
function followers(uses: Uses, node: EditableNode, types: readonly string[]): EditableNode[] {
  const chain: EditableNode[] = [];
  for (const type of types) {
    const next = uses.only(nameOf(chain.at(-1) ?? node), type);
    if (next === undefined) break;
    chain.push(next);
  }
  return chain;
}

function pointwise(
  graph: EditableGraph,
  input: string,
  name: string,
  [outputs, inputs]: readonly [number, number],
  values: Float32Array,
  bias: (output: number) => number,
): EditableNode[] {
  graph.weights.set(`${name}.weight`, { dims: [outputs, inputs, 1, 1], values }).set(`${name}.bias`, {
    dims: [outputs],
    values: Float32Array.from({ length: outputs }, (_, i) => bias(i)),
  });
  return [newNode('Conv', [input, `${name}.weight`, `${name}.bias`], name, { kernel_shape: [1, 1] })];
}

function addend(graph: EditableGraph, add: EditableNode): Float32Array {
  const constant = add.inputs.map((name) => graph.weights.get(name)?.values).find((values) => values);
  if (constant === undefined) throw new Error(`The addition ${nameOf(add)} has no constant.`);
  return constant;
}

function weightOf(graph: EditableGraph, node: EditableNode, input: number) {
  const weight = graph.weights.get(node.inputs[input] ?? '');
  if (weight === undefined) throw new Error(`Input ${input} of ${nameOf(node)} is no constant.`);
  return weight;
}

const at = (values: Float32Array | undefined, index: number): number => values?.[index] ?? 0;
