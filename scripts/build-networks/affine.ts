import {
  type EditableGraph,
  type EditableNode,
  integersOf,
  newNode,
  type Weight,
} from '../onnx/editable-graph.ts';

/** Who makes and who takes each value. */
export class Uses {
  readonly #makers = new Map<string, EditableNode>();
  readonly #takers = new Map<string, EditableNode[]>();

  constructor({ nodes }: EditableGraph) {
    for (const node of nodes) {
      for (const name of node.outputs) this.#makers.set(name, node);
      for (const name of node.inputs) this.#takers.set(name, [...(this.#takers.get(name) ?? []), node]);
    }
  }

  maker(name: string): EditableNode | undefined {
    return this.#makers.get(name);
  }

  takers(name: string): readonly EditableNode[] {
    return this.#takers.get(name) ?? [];
  }

  /** The one node that takes a value, if there is only one and it is of the type. */
  only(name: string, type: string): EditableNode | undefined {
    const [taker, ...others] = this.takers(name);
    return others.length === 0 && taker?.type === type ? taker : undefined;
  }
}

/** A multiplication or an addition with one number: that number, and the input that is no constant. */
export function byConstant(
  { weights }: EditableGraph,
  { inputs }: EditableNode,
): { number: number; input: string } | undefined {
  for (const [i, name] of inputs.entries()) {
    const values = weights.get(name)?.values;
    const input = inputs[1 - i];
    if (values?.length === 1 && values[0] !== undefined && input !== undefined)
      return { number: values[0], input };
  }
  return undefined;
}

export const nameOf = ({ outputs: [name = ''] }: EditableNode): string => name;

/** Weight and bias of a convolution, made its own so that they can be changed. */
export function ownWeights(
  { weights }: EditableGraph,
  conv: EditableNode,
): { weight: Weight; bias: Weight } | undefined {
  const weight = weights.get(conv.inputs[1] ?? '');
  if (weight === undefined) return undefined;
  const given = weights.get(conv.inputs[2] ?? '');
  if (given === undefined && conv.inputs[2]) return undefined;
  const names = [`${nameOf(conv)}.weight`, `${nameOf(conv)}.bias`] as const;
  const own = { dims: weight.dims, values: Float32Array.from(weight.values) };
  const [channels = 0] = weight.dims;
  const bias = { dims: [channels], values: Float32Array.from(given?.values ?? new Float32Array(channels)) };
  weights.set(names[0], own).set(names[1], bias);
  conv.inputs = [conv.inputs[0] ?? '', ...names];
  return { weight: own, bias };
}

/** Whether a convolution looks at one pixel at a time, so that adding a number before it is adding one after it. */
export function isPointwise(conv: EditableNode): boolean {
  return (
    conv.type === 'Conv' &&
    integersOf(conv, 'kernel_shape').every((size) => size === 1) &&
    integersOf(conv, 'pads').every((size) => size === 0) &&
    integersOf(conv, 'group').every((count) => count === 1)
  );
}

/** A convolution that multiplies every channel by a number and adds one: the cheapest way that keeps its layout. */
export function scaleAndShift(
  graph: EditableGraph,
  input: string,
  name: string,
  channels: number,
  [scale, shift]: readonly [number, number],
): EditableNode {
  graph.weights
    .set(`${name}.weight`, {
      dims: [channels, 1, 1, 1],
      values: new Float32Array(channels).fill(scale),
    })
    .set(`${name}.bias`, { dims: [channels], values: new Float32Array(channels).fill(shift) });
  return newNode('Conv', [input, `${name}.weight`, `${name}.bias`], name, {
    group: channels,
    kernel_shape: [1, 1],
    strides: [1, 1],
    pads: [0, 0, 0, 0],
    dilations: [1, 1],
  });
}
