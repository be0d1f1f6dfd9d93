import {
  type EditableGraph,
  type EditableNode,
  integersOf,
  newNode,
  type Weight,
} from '../../onnx/editable-graph.ts';
import { tensor } from '../../onnx/model.ts';
import { nameOf, Uses } from '../affine.ts';

/** Pixels that one becomes along each side in one step of the pyramid. */
const STEP = 2;
const SIZE = 3;
const TAPS = SIZE * SIZE;

/**
 * The detector looks at the sum of its pyramid, and at all of its levels beside each other, at the size of the largest:
 * enlarged maps, of which every four pixels are the same. A convolution over these is one over the small map that makes
 * the four pixels as four channels. What is not enlarged comes from few channels that were spread over many by weights
 * alone: their product with those of the convolution looks at the few. Two fifths of the network's time were here.
 */
export function convolveBeforeEnlarging(graph: EditableGraph): EditableGraph {
  splitLevels(graph);
  splitSum(graph);
  return graph;
}

/** A convolution over maps side by side, some of them enlarged: one over these, one over the others. */
function splitLevels(graph: EditableGraph): void {
  const uses = new Uses(graph);
  for (const conv of graph.nodes.filter(isPlain3x3)) {
    const concat = uses.maker(conv.inputs[0] ?? '');
    const weight = graph.weights.get(conv.inputs[1] ?? '');
    if (concat?.type !== 'Concat' || weight === undefined) continue;
    const levels = concat.inputs.map((input) => ({ input, enlarging: enlargement(graph, uses, input) }));
    const share = (weight.dims[1] ?? 0) / levels.length;
    const [enlarged, whole] = [
      levels.filter((level) => level.enlarging),
      levels.filter((level) => !level.enlarging),
    ];
    if (enlarged.length === 0 || whole.length !== 1) continue;
    const name = nameOf(conv);
    const inputs = levels.map((_, at) => slice(weight, at * share, (at + 1) * share));
    const small = enlarged.map(({ enlarging }) => {
      const { node, factor } = enlarging as Enlarging;
      // The least of the enlarged ones is enlarged as before, to half of where it was.
      if (factor === STEP) return { nodes: [], input: node.inputs[0] ?? '' };
      const half = `${nameOf(node)}.half`;
      graph.weights.set(`${half}.scales`, {
        dims: [4],
        values: Float32Array.of(1, 1, factor / STEP, factor / STEP),
      });
      const made = {
        ...node,
        inputs: [node.inputs[0] ?? '', node.inputs[1] ?? '', `${half}.scales`],
        outputs: [half],
      };
      return { nodes: [made], input: half };
    });
    const ofEnlarged = levels.flatMap((level, at) => (level.enlarging ? [inputs[at] as Weight] : []));
    const ofWhole = levels.flatMap((level, at) => (level.enlarging ? [] : [inputs[at] as Weight]));
    graph.weights.set(`${name}.whole.weight`, ofWhole[0] as Weight);
    replace(
      graph,
      conv,
      [concat, ...enlarged.map(({ enlarging }) => (enlarging as Enlarging).node)],
      [
        ...small.flatMap(({ nodes }) => nodes),
        newNode(
          'Concat',
          small.map(({ input }) => input),
          `${name}.levels`,
          { axis: 1 },
        ),
        ...enlargingConvolution(graph, `${name}.levels`, joined(ofEnlarged), `${name}.enlarged`),
        {
          ...conv,
          inputs: [whole[0]?.input ?? '', `${name}.whole.weight`, ...conv.inputs.slice(2)],
          outputs: [`${name}.whole`],
        },
        newNode('Add', [`${name}.whole`, `${name}.enlarged`], name),
      ],
    );
  }
}

/** A convolution over the sum of an enlarged map and of one that an attention weighs: the sum of two. */
function splitSum(graph: EditableGraph): void {
  const uses = new Uses(graph);
  for (const conv of graph.nodes.filter(isPlain3x3)) {
    const sum = uses.maker(conv.inputs[0] ?? '');
    const weight = graph.weights.get(conv.inputs[1] ?? '');
    if (sum?.type !== 'Add' || weight === undefined || conv.inputs[2] || uses.takers(nameOf(sum)).length > 1)
      continue;
    const product = sum.inputs.map((input) => uses.maker(input)).find((maker) => maker?.type === 'Mul');
    const enlarging = sum.inputs
      .map((input) => enlargement(graph, uses, input))
      .find((found) => found?.factor === STEP);
    const spread = product?.inputs.map((input) => uses.maker(input)).find((maker) => maker?.type === 'Conv');
    const attention = product?.inputs.find((input) => input !== spread?.outputs[0]);
    const spreading = graph.weights.get(spread?.inputs[1] ?? '');
    const mean = spread && uses.takers(nameOf(spread)).find(({ type }) => type === 'GlobalAveragePool');
    if (!product || !enlarging || !spread || attention === undefined || spreading === undefined || !mean)
      continue;
    if (spread.inputs[2]) continue;
    const name = nameOf(conv);
    const [few = ''] = spread.inputs;
    // The mean of what is spread is what is spread of the mean.
    const ofMean = { ...spread, inputs: [`${name}.mean`, spread.inputs[1] ?? ''], outputs: mean.outputs };
    replace(graph, mean, [spread], [newNode('GlobalAveragePool', [few], `${name}.mean`), ofMean]);
    replace(
      graph,
      conv,
      [sum, product, enlarging.node],
      [
        ...spreadConvolution(graph, { few, attention, spreading, weight }, `${name}.whole`),
        ...enlargingConvolution(graph, enlarging.node.inputs[0] ?? '', weight, `${name}.enlarged`),
        newNode('Add', [`${name}.whole`, `${name}.enlarged`], name),
      ],
    );
  }
}

/**
 * The convolution of a map twice as large along each side, made from the map as it is: of a pixel's four, the upper two
 * see the row above and their own, the lower two their own and the row below.
 */
function enlargingConvolution(
  graph: EditableGraph,
  input: string,
  { dims, values }: Weight,
  name: string,
): EditableNode[] {
  const [outputs = 0, channels = 0] = dims;
  const nodes: EditableNode[] = [];
  for (const [row, half] of ['upper', 'lower'].entries()) {
    const moved = new Float32Array(STEP * outputs * channels * STEP * SIZE);
    for (let column = 0; column < STEP; column++)
      for (let filter = 0; filter < outputs * channels; filter++)
        for (let tap = 0; tap < TAPS; tap++) {
          // Of the taps -1, 0 and 1 around a pixel, those at the far side of it fall upon the neighbour.
          const down = Math.floor((row + Math.floor(tap / SIZE) - 1) / STEP) + 1 - row;
          const across = Math.floor((column + (tap % SIZE) - 1) / STEP) + 1;
          const to = ((column * outputs * channels + filter) * STEP + down) * SIZE + across;
          moved[to] = (moved[to] ?? 0) + (values[filter * TAPS + tap] ?? 0);
        }
    graph.weights.set(`${name}.${half}.weight`, {
      dims: [STEP * outputs, channels, STEP, SIZE],
      values: moved,
    });
    nodes.push(
      newNode('Conv', [input, `${name}.${half}.weight`], `${name}.${half}`, {
        kernel_shape: [STEP, SIZE],
        pads: [1 - row, 1, row, 1],
      }),
    );
  }
  return [
    ...nodes,
    newNode('Concat', nodes.map(nameOf), `${name}.pixels`, { axis: 1 }),
    newNode('DepthToSpace', [`${name}.pixels`], name, { blocksize: STEP }),
  ];
}

interface Spread {
  few: string;
  /** A factor for each of the channels that the few are spread over. */
  attention: string;
  spreading: Weight;
  weight: Weight;
}

/** The convolution of `attention * spreading * few`, its weights multiplied by the network itself. */
function spreadConvolution(
  graph: EditableGraph,
  { few, attention, spreading, weight }: Spread,
  name: string,
): EditableNode[] {
  const [outputs = 0, many = 0] = weight.dims;
  const [, from = 0] = spreading.dims;
  const taps = new Float32Array(weight.values.length);
  for (let output = 0; output < outputs; output++)
    for (let channel = 0; channel < many; channel++)
      for (let tap = 0; tap < TAPS; tap++)
        taps[(output * TAPS + tap) * many + channel] =
          weight.values[(output * many + channel) * TAPS + tap] ?? 0;
  graph.weights
    .set(`${name}.taps`, { dims: [outputs * TAPS, many], values: taps })
    .set(`${name}.spreading`, { dims: [many, from], values: spreading.values });
  const shape = (key: string, sizes: readonly number[]) => {
    const whole = BigInt64Array.from(sizes, BigInt);
    graph.otherWeights.set(`${name}.${key}`, tensor(`${name}.${key}`, 'int64', [sizes.length], whole));
    return `${name}.${key}`;
  };
  return [
    newNode('Reshape', [attention, shape('column', [many, 1])], `${name}.attention`),
    newNode('Mul', [`${name}.spreading`, `${name}.attention`], `${name}.attended`),
    newNode('MatMul', [`${name}.taps`, `${name}.attended`], `${name}.product`),
    newNode('Reshape', [`${name}.product`, shape('by.tap', [outputs, TAPS, from])], `${name}.by.tap.product`),
    newNode('Transpose', [`${name}.by.tap.product`], `${name}.by.input`, { perm: [0, 2, 1] }),
    newNode('Reshape', [`${name}.by.input`, shape('filter', [outputs, from, SIZE, SIZE])], `${name}.weight`),
    newNode('Conv', [few, `${name}.weight`], name, { kernel_shape: [SIZE, SIZE], pads: [1, 1, 1, 1] }),
  ];
}

interface Enlarging {
  node: EditableNode;
  factor: number;
}

/** The step that makes a value by enlarging another by a whole number, if one does. */
function enlargement({ weights }: EditableGraph, uses: Uses, value: string): Enlarging | undefined {
  const node = uses.maker(value);
  const [, , down = 0, across = 0] = weights.get(node?.inputs[2] ?? '')?.values ?? [];
  return node?.type === 'Resize' && down === across && down >= STEP ? { node, factor: down } : undefined;
}

function isPlain3x3(node: EditableNode): boolean {
  const all = (name: string, value: number) => integersOf(node, name).every((each) => each === value);
  return (
    node.type === 'Conv' &&
    integersOf(node, 'kernel_shape').length === 2 &&
    all('kernel_shape', SIZE) &&
    all('pads', 1) &&
    all('strides', 1) &&
    all('group', 1)
  );
}

/** The part of a convolution's weights that belongs to some of its inputs. */
function slice(
  { dims: [outputs = 0, inputs = 0, ...size], values }: Weight,
  from: number,
  to: number,
): Weight {
  const taps = size.reduce((product, each) => product * each, 1);
  const part = new Float32Array(outputs * (to - from) * taps);
  for (let output = 0; output < outputs; output++)
    part.set(
      values.subarray((output * inputs + from) * taps, (output * inputs + to) * taps),
      output * (to - from) * taps,
    );
  return { dims: [outputs, to - from, ...size], values: part };
}

function joined(parts: readonly Weight[]): Weight {
  const [outputs = 0, , ...size] = parts[0]?.dims ?? [];
  const rows = parts.map(({ values }) => values.length / outputs);
  const values = new Float32Array(parts.reduce((sum, part) => sum + part.values.length, 0));
  let at = 0;
  for (let output = 0; output < outputs; output++)
    for (const [i, part] of parts.entries()) {
      const row = rows[i] ?? 0;
      values.set(part.values.subarray(output * row, (output + 1) * row), at);
      at += row;
    }
  return {
    dims: [outputs, parts.reduce((sum, { dims: [, inputs = 0] }) => sum + inputs, 0), ...size],
    values,
  };
}

/** Puts nodes in the place of one, and takes others away that were there for it alone. */
function replace(
  graph: EditableGraph,
  node: EditableNode,
  others: readonly EditableNode[],
  made: EditableNode[],
): void {
  const gone = new Set(others);
  graph.nodes = graph.nodes.flatMap((each) => (each === node ? made : gone.has(each) ? [] : [each]));
}
