import { bytes, type Field, float, integer, message, text } from './protobuf.ts';

/** Field numbers and constants: onnx.proto3 of ONNX 1.12 (IR version 8). */
const IR_VERSION = 8;
const ATTRIBUTE_TYPES = { float: 1, integer: 2, string: 3, integers: 7 } as const;
const ELEMENT_TYPES = { float32: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const;

export type ElementType = keyof typeof ELEMENT_TYPES;

/** The number by which operators such as Cast name an element type. */
export const elementType = (type: ElementType): number => ELEMENT_TYPES[type];

/** An input or output of a model. */
export interface ModelValue {
  name: string;
  type: ElementType;
  dims: readonly number[];
}

interface Model {
  name: string;
  /** Version of the standard operators. */
  opset: number;
  nodes: readonly Field[];
  /** Constants, as {@link tensor} makes them. */
  weights: readonly Field[];
  inputs: readonly ModelValue[];
  outputs: readonly ModelValue[];
}

/** The bytes of an ONNX file. */
export function encodeModel({ name, opset, nodes, weights, inputs, outputs }: Model): Buffer {
  const graph = message(
    7,
    ...nodes,
    text(2, name),
    ...weights,
    ...inputs.map((value) => valueInfo(11, value)),
    ...outputs.map((value) => valueInfo(12, value)),
  );
  return Buffer.concat([
    integer(1, IR_VERSION),
    text(2, 'imaginem'),
    graph,
    message(8, text(1, ''), integer(2, opset)),
  ]);
}

/** A node is named after its first output. An empty input is one left out. */
export function node(
  type: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: readonly Field[] = [],
): Field {
  return message(
    1,
    ...inputs.map((input) => text(1, input)),
    ...outputs.map((output) => text(2, output)),
    text(3, outputs[0] ?? ''),
    text(4, type),
    ...attributes,
  );
}

/** Attributes of nodes, by the type of their value. */
export const attribute = {
  float: (name: string, value: number): Field =>
    message(5, text(1, name), float(2, value), integer(20, ATTRIBUTE_TYPES.float)),
  integer: (name: string, value: number): Field =>
    message(5, text(1, name), integer(3, value), integer(20, ATTRIBUTE_TYPES.integer)),
  string: (name: string, value: string): Field =>
    message(5, text(1, name), text(4, value), integer(20, ATTRIBUTE_TYPES.string)),
  integers: (name: string, values: readonly number[]): Field =>
    message(
      5,
      text(1, name),
      ...values.map((value) => integer(8, value)),
      integer(20, ATTRIBUTE_TYPES.integers),
    ),
};

export type TensorData = Float32Array | Uint8Array | Int32Array | BigInt64Array;

/** A constant. Raw data are little-endian, which typed arrays are on every machine Node runs on but s390x. */
export function tensor(name: string, type: ElementType, dims: readonly number[], data: TensorData): Field {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(
    5,
    ...dims.map((size) => integer(1, size)),
    integer(2, ELEMENT_TYPES[type]),
    text(8, name),
    bytes(9, raw),
  );
}

function valueInfo(field: number, { name, type, dims }: ModelValue): Field {
  const shape = message(2, ...dims.map((size) => message(1, integer(1, size))));
  return message(field, text(1, name), message(2, message(1, integer(1, ELEMENT_TYPES[type]), shape)));
}
