import {
  attribute,
  type ElementType,
  encodeModel,
  type ModelValue,
  node,
  type TensorData,
  tensor,
} from '../onnx/model.ts';
import type { Field } from '../onnx/protobuf.ts';
import type { TracedTensor } from './trace.ts';

/** Version 17: the last in which reductions take their axes as an attribute, and all runtimes know it. */
const OPSET = 17;

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

interface Value extends TracedTensor {
  /** Name in the graph, in TensorFlow's order of axes. */
  plain?: string | undefined;
  /** Name of the same values with channels before rows, as ONNX's convolutions take them. */
  channelsFirst?: string | undefined;
  constant?: TensorData | undefined;
}

/**
 * An ONNX graph under construction. TensorFlow.js keeps channels last, ONNX's convolutions channels first: a value has
 * the order in which it was made, and is transposed once, where a kernel wants the other.
 */
export class Graph {
  readonly #values = new Map<number, Value>();
  readonly #nodes: Field[] = [];
  readonly #weights: Field[] = [];
  #names = 0;

  constructor(constants: ReadonlyMap<number, TensorData>) {
    this.#constants = constants;
  }
  readonly #constants: ReadonlyMap<number, TensorData>;

  /** Adds a node with one output. @returns the output's name */
  add(operator: string, inputs: readonly string[], attributes: readonly Field[] = []): string {
    return this.addMany(operator, inputs, 1, attributes)[0] as string;
  }

  addMany(
    operator: string,
    inputs: readonly string[],
    outputs: number,
    attributes: readonly Field[] = [],
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.#name(operator));
    this.#nodes.push(node(operator, inputs, names, attributes));
    return names;
  }

  weights(type: ElementType, dims: readonly number[], data: TensorData): string {
    const name = this.#name('weights');
    this.#weights.push(tensor(name, type, dims, data));
    return name;
  }

  scalar(value: number): string {
    return this.weights('float32', [], Float32Array.of(value));
  }

  /** A list of int64, as shapes, axes and bounds are given. */
  integers(values: readonly number[]): string {
    return this.weights('int64', [values.length], BigInt64Array.from(values, BigInt));
  }

  /** Says that `tensor` is what the node output `name` holds, in TensorFlow's order of axes. */
  setPlain(tensor: TracedTensor, name: string): void {
    this.#values.set(tensor.id, { ...tensor, plain: name });
  }

  setChannelsFirst(tensor: TracedTensor, name: string): void {
    this.#values.set(tensor.id, { ...tensor, channelsFirst: name });
  }

  /** Says that `tensor` is the same as `other`. */
  setSame(tensor: TracedTensor, other: TracedTensor): void {
    this.#values.set(tensor.id, { ...this.#value(other), id: tensor.id });
  }

  setConstant(tensor: TracedTensor, constant: TensorData): void {
    this.#values.set(tensor.id, { ...tensor, constant });
  }

  /** The values of a tensor that no node computes; undefined for any other. */
  constantOf(tensor: TracedTensor): TensorData | undefined {
    return this.#value(tensor).constant;
  }

  /** Whether a kernel that does not care for the order of axes should work on channels first. */
  isChannelsFirst(tensor: TracedTensor): boolean {
    const { plain, channelsFirst } = this.#value(tensor);
    return channelsFirst !== undefined && plain === undefined;
  }

  plain(tensor: TracedTensor): string {
    const value = this.#value(tensor);
    value.plain ??=
      value.constant === undefined
        ? this.add('Transpose', [value.channelsFirst ?? ''], [attribute.integers('perm', TO_CHANNELS_LAST)])
        : this.weights(value.type, value.shape, value.constant);
    return value.plain;
  }

  channelsFirst(tensor: TracedTensor): string {
    const value = this.#value(tensor);
    value.channelsFirst ??= this.add(
      'Transpose',
      [this.plain(tensor)],
      [attribute.integers('perm', TO_CHANNELS_FIRST)],
    );
    return value.channelsFirst;
  }

  /** @param names of the model's outputs, in the order of `outputs` */
  encode(
    name: string,
    input: ModelValue,
    outputs: readonly TracedTensor[],
    names: readonly string[],
  ): Buffer {
    const given = outputs.map((output, index): ModelValue => {
      const called = names[index];
      if (called === undefined) throw new RangeError(`Output ${index} of ${name} has no name.`);
      this.#nodes.push(node('Identity', [this.plain(output)], [called]));
      return { name: called, type: output.type, dims: output.shape };
    });
    const [nodes, weights] = [this.#nodes, this.#weights];
    return encodeModel({ name, opset: OPSET, nodes, weights, inputs: [input], outputs: given });
  }

  #value(tensor: TracedTensor): Value {
    let value = this.#values.get(tensor.id);
    if (value === undefined) {
      const constant = this.#constants.get(tensor.id);
      if (constant === undefined) throw new Error(`Tensor ${tensor.id} is used before any kernel made it.`);
      value = { ...tensor, constant };
      this.#values.set(tensor.id, value);
    }
    return value;
  }

  #name(prefix: string): string {
    return `${prefix}_${this.#names++}`;
  }
}
