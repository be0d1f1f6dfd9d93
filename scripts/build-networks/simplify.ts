import { type EditableGraph, type EditableNode, floatOf, newNode } from '../onnx/editable-graph.ts';
import { attribute } from '../onnx/model.ts';
import { byConstant, isPointwise, nameOf, ownWeights, scaleAndShift, Uses } from './affine.ts';
import { keepOrder } from './keep-order.ts';

/**
 * Networks are written with activations in several steps, those of PaddleOCR in six, with a multiplication and an
 * addition around each convolution. The runtime carries out every one of them over the whole picture, and reorders the
 * picture in memory before and after, for only convolutions and a few others work in the order that suits the
 * processor: of PaddleOCR's networks that was half of the time. Here the same functions are said in fewer steps, of
 * those that keep the order.
 */
export function simplify(graph: EditableGraph): EditableGraph {
  foldAffine(graph);
  mergeHardSwish(graph);
  shrinkAttention(graph);
  keepOrder(graph);
  return graph;
}

/** `scale * conv(x) + shift` is a convolution with other weights. */
function foldAffine(graph: EditableGraph): void {
  const gone = new Set<EditableNode>();
  for (const conv of graph.nodes) {
    if (conv.type !== 'Conv') continue;
    for (const type of ['Mul', 'Add'] as const) {
      const next = new Uses({ ...graph, nodes: graph.nodes.filter((node) => !gone.has(node)) }).only(
        nameOf(conv),
        type,
      );
      const constant = next && byConstant(graph, next)?.number;
      const own = constant === undefined ? undefined : ownWeights(graph, conv);
      if (next === undefined || constant === undefined || own === undefined) continue;
      if (type === 'Mul')
        for (const { values } of [own.weight, own.bias]) values.set(values.map((value) => value * constant));
      else own.bias.values.set(own.bias.values.map((value) => value + constant));
      conv.outputs = next.outputs;
      gone.add(next);
    }
  }
  graph.nodes = graph.nodes.filter((node) => !gone.has(node));
}

interface HardSwish {
  nodes: EditableNode[];
  input: string;
  output: string;
  scale: number;
  shift: number;
}

/** `scale * x * min(max(x + 3, 0), 6) / 6 + shift`: what belongs to the addition of 3. */
function findHardSwish(graph: EditableGraph, uses: Uses, add: EditableNode): HardSwish | undefined {
  const start = add.type === 'Add' ? byConstant(graph, add) : undefined;
  const clip = uses.only(nameOf(add), 'Clip');
  if (start?.number !== 3 || clip === undefined || !isZeroToSix(graph, clip)) return undefined;
  const product = uses.only(nameOf(clip), 'Mul');
  const sixth = product && findSixth(graph, uses, product, start.input);
  if (product === undefined || sixth === undefined) return undefined;
  const found = { nodes: [add, clip, ...sixth.nodes], input: start.input, scale: 6 * sixth.factor, shift: 0 };
  const scaling = uses.only(nameOf(sixth.nodes.at(-1) ?? product), 'Mul');
  const scale = scaling && byConstant(graph, scaling)?.number;
  if (scaling !== undefined && scale !== undefined) {
    found.nodes.push(scaling);
    found.scale *= scale;
  }
  const shifting = uses.only(nameOf(found.nodes.at(-1) ?? add), 'Add');
  const shift = shifting && byConstant(graph, shifting)?.number;
  if (shifting !== undefined && shift !== undefined && shift !== 3) {
    found.nodes.push(shifting);
    found.shift = shift;
  }
  return { ...found, output: nameOf(found.nodes.at(-1) ?? add) };
}

/** The product with x, divided by 6 afterwards, or with a sixth of x, multiplied before. */
function findSixth(
  graph: EditableGraph,
  uses: Uses,
  product: EditableNode,
  x: string,
): { nodes: EditableNode[]; factor: number } | undefined {
  if (product.inputs.includes(x)) {
    const division = uses.only(nameOf(product), 'Div');
    const by = division && byConstant(graph, division)?.number;
    return division && by === 6 ? { nodes: [product, division], factor: 1 / by } : undefined;
  }
  for (const name of product.inputs) {
    const before = uses.only(name, 'Mul') === product ? uses.maker(name) : undefined;
    const factor = before?.type === 'Mul' ? byConstant(graph, before) : undefined;
    if (before !== undefined && factor?.input === x)
      return { nodes: [before, product], factor: factor.number };
  }
  return undefined;
}

function isZeroToSix({ weights }: EditableGraph, clip: EditableNode): boolean {
  const limit = (name: string, input: number) =>
    floatOf(clip, name) ?? weights.get(clip.inputs[input] ?? '')?.values[0];
  return limit('min', 1) === 0 && limit('max', 2) === 6;
}

/** Two steps, both in the processor's order: a gate that the runtime fuses into one pass, and its product with x. */
function mergeHardSwish(graph: EditableGraph): void {
  const uses = new Uses(graph);
  const replaced = new Map<EditableNode, EditableNode[]>();
  for (const add of graph.nodes) {
    const found = findHardSwish(graph, uses, add);
    const conv = found && uses.maker(found.input);
    const channels = graph.weights.get(conv?.inputs[1] ?? '')?.dims[0];
    if (found === undefined || conv?.type !== 'Conv' || channels === undefined) continue;
    const { input, output, scale, shift, nodes } = found;
    const takers = uses.takers(output);
    const later = takers.every(isPointwise) && takers.length > 0;
    const product = later || shift === 0 ? output : `${output}.product`;
    const made = [
      scaleAndShift(graph, input, `${output}.line`, channels, [scale / 6, scale / 2]),
      clip(graph, `${output}.line`, `${output}.gate`, Math.min(0, scale), Math.max(0, scale)),
      newNode('Mul', [input, `${output}.gate`], product),
    ];
    if (later) for (const taker of takers) shiftInput(graph, taker, shift);
    else if (shift !== 0) made.push(scaleAndShift(graph, product, output, channels, [1, shift]));
    for (const node of nodes) replaced.set(node, []);
    replaced.set(nodes.at(-1) ?? add, made);
  }
  graph.nodes = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
}

function clip(graph: EditableGraph, input: string, name: string, low: number, high: number): EditableNode {
  const made = newNode('Clip', [input], name);
  // Until the eleventh version of the operators the limits were attributes.
  const asInputs = graph.nodes.some(({ type, inputs }) => type === 'Clip' && inputs.length > 1);
  if (asInputs) {
    for (const [limit, value] of [
      ['low', low],
      ['high', high],
    ] as const) {
      graph.weights.set(`${name}.${limit}`, { dims: [], values: Float32Array.of(value) });
      made.inputs.push(`${name}.${limit}`);
    }
  } else {
    made.attributes.set('min', attribute.float('min', low)).set('max', attribute.float('max', high));
  }
  return made;
}

/** A number added to every input of a pointwise convolution adds the sum of its weights to each output. */
function shiftInput(graph: EditableGraph, conv: EditableNode, shift: number): void {
  if (shift === 0) return;
  const own = ownWeights(graph, conv);
  if (own === undefined) throw new Error(`The convolution ${nameOf(conv)} has no constant weights.`);
  const perOutput = own.weight.values.length / own.bias.values.length;
  const shifted = own.bias.values.map((value, i) => {
    const row = own.weight.values.subarray(i * perOutput, (i + 1) * perOutput);
    return value + shift * row.reduce((sum, weight) => sum + weight, 0);
  });
  own.bias.values.set(shifted);
}

/** `x + x * a`, where `a` is one number per channel, is `x * (a + 1)`: an addition of few numbers in place of many. */
function shrinkAttention(graph: EditableGraph): void {
  const uses = new Uses(graph);
  graph.weights.set('one', { dims: [], values: Float32Array.of(1) });
  const replaced = new Map<EditableNode, EditableNode[]>();
  for (const product of graph.nodes) {
    const [x = '', a = ''] = product.inputs;
    const sum = product.type === 'Mul' ? uses.only(nameOf(product), 'Add') : undefined;
    if (sum === undefined || uses.maker(a)?.type !== 'HardSigmoid' || !sum.inputs.includes(x)) continue;
    replaced
      .set(product, [])
      .set(sum, [
        newNode('Add', [a, 'one'], `${nameOf(sum)}.attention`),
        newNode('Mul', [x, `${nameOf(sum)}.attention`], nameOf(sum)),
      ]);
  }
  graph.nodes = graph.nodes.flatMap((node) => replaced.get(node) ?? [node]);
}
