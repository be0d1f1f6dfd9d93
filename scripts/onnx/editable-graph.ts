import { attribute, node } from './model.ts';
import { bytes, type Field, integer, message, type ReadField, readFields, text } from './protobuf.ts';

/** Field numbers: onnx.proto3. What is not named here is passed on as it stands. */
const MODEL = { graph: 7, opset: 8 } as const;
const GRAPH = { node: 1, weight: 5, input: 11, output: 12 } as const;
const NODE = { input: 1, output: 2, type: 4, attribute: 5 } as const;
const ATTRIBUTE = { name: 1, float: 2, integer: 3, tensor: 5, integers: 8 } as const;
const TENSOR = { dim: 1, type: 2, floats: 4, name: 8, raw: 9 } as const;
const FLOAT32 = 1;

/** A node whose inputs and attributes may be changed. */
export interface EditableNode {
  type: string;
  inputs: string[];
  outputs: string[];
  /** Encoded, by name. */
  attributes: Map<string, Field>;
}

export interface Weight {
  dims: number[];
  values: Float32Array;
}

/** The graph of an ONNX file between reading and writing. */
export interface EditableGraph {
  /** In an order in which each is made before it is used. */
  nodes: EditableNode[];
  /** Constants of 32-bit numbers, by name. */
  weights: Map<string, Weight>;
  /** Constants of other types, encoded, by name. */
  otherWeights: Map<string, Field>;
  inputs: Field[];
  outputs: Field[];
  opsets: Field[];
}

/** @throws {Error} if the bytes are not an ONNX model */
export function readModel(model: Buffer): EditableGraph {
  const fields = readFields(model);
  const graph: EditableGraph = {
    nodes: [],
    weights: new Map(),
    otherWeights: new Map(),
    inputs: [],
    outputs: [],
    opsets: fields.filter(({ number }) => number === MODEL.opset).map(encoded),
  };
  const [content] = contents(fields, MODEL.graph);
  if (content === undefined) throw new Error('The bytes are no ONNX model: there is no graph in them.');
  for (const field of readFields(content)) {
    if (!(field.value instanceof Buffer)) continue;
    if (field.number === GRAPH.node) addNode(graph, readNode(field.value));
    else if (field.number === GRAPH.weight) addWeight(graph, field.value);
    else if (field.number === GRAPH.input) graph.inputs.push(encoded(field));
    else if (field.number === GRAPH.output) graph.outputs.push(encoded(field));
  }
  return graph;
}

/** The bytes of an ONNX file. */
export function writeModel({ nodes, weights, otherWeights, inputs, outputs, opsets }: EditableGraph): Buffer {
  const used = new Set(nodes.flatMap((each) => each.inputs));
  const graph = message(
    MODEL.graph,
    ...nodes.map((each) => node(each.type, each.inputs, each.outputs, [...each.attributes.values()])),
    text(2, 'edited'),
    ...[...weights]
      .filter(([name]) => used.has(name))
      .map(([name, { dims, values }]) => weightField(name, dims, values)),
    ...[...otherWeights].filter(([name]) => used.has(name)).map(([, field]) => field),
    ...inputs,
    ...outputs,
  );
  return Buffer.concat([integer(1, 8), text(2, 'imaginem'), graph, ...opsets]);
}

/** The name of an output more, of whatever type and shape its node gives it. */
export const output = (name: string): Field => message(GRAPH.output, text(1, name));

export function newNode(
  type: string,
  inputs: string[],
  name: string,
  attributes: Readonly<Record<string, number | readonly number[]>> = {},
): EditableNode {
  const encode = ([key, value]: [string, number | readonly number[]]) =>
    [
      key,
      typeof value === 'number' ? attribute.integer(key, value) : attribute.integers(key, value),
    ] as const;
  return { type, inputs, outputs: [name], attributes: new Map(Object.entries(attributes).map(encode)) };
}

/** The whole numbers of an attribute, one or several; none where the node leaves it to its default. */
export function integersOf({ attributes }: EditableNode, name: string): number[] {
  const fields = attributeFields(attributes.get(name));
  return fields.flatMap(({ number, value }) => {
    if (number !== ATTRIBUTE.integer && number !== ATTRIBUTE.integers) return [];
    // Repeated numbers come one by one, or packed.
    return typeof value === 'bigint' ? [Number(BigInt.asIntN(64, value))] : packed(value);
  });
}

export function floatOf({ attributes }: EditableNode, name: string): number | undefined {
  const found = attributeFields(attributes.get(name)).find(({ number }) => number === ATTRIBUTE.float);
  return found?.value instanceof Buffer ? found.value.readFloatLE() : undefined;
}

function attributeFields(field: Field | undefined): ReadField[] {
  const [outer] = field === undefined ? [] : readFields(field);
  return outer?.value instanceof Buffer ? readFields(outer.value) : [];
}

function readNode(content: Buffer): EditableNode {
  const fields = readFields(content);
  const texts = (number: number) => contents(fields, number).map(String);
  const attributes = contents(fields, NODE.attribute).map(
    (value) =>
      [String(contents(readFields(value), ATTRIBUTE.name)[0]), bytes(NODE.attribute, value)] as const,
  );
  const [type = ''] = texts(NODE.type);
  return { type, inputs: texts(NODE.input), outputs: texts(NODE.output), attributes: new Map(attributes) };
}

/** A node `Constant` is a weight like others. */
function addNode(graph: EditableGraph, found: EditableNode): void {
  const [name] = found.outputs;
  const [value] = contents(attributeFields(found.attributes.get('value')), ATTRIBUTE.tensor);
  if (found.type !== 'Constant' || value === undefined || name === undefined) graph.nodes.push(found);
  else addWeight(graph, value, name);
}

function addWeight(graph: EditableGraph, content: Buffer, name?: string): void {
  const fields = readFields(content);
  const called = name ?? String(contents(fields, TENSOR.name)[0]);
  const type = fields.find(({ number }) => number === TENSOR.type)?.value;
  const dims = fields.flatMap(({ number, value }) =>
    number !== TENSOR.dim ? [] : value instanceof Buffer ? packed(value) : [Number(value)],
  );
  if (Number(type) !== FLOAT32) {
    const others = fields.filter(({ number }) => number !== TENSOR.name).map(encoded);
    graph.otherWeights.set(called, message(GRAPH.weight, ...others, text(TENSOR.name, called)));
    return;
  }
  const raw = Buffer.concat([...contents(fields, TENSOR.raw), ...contents(fields, TENSOR.floats)]);
  // Copied, for 32-bit numbers must stand at multiples of four.
  graph.weights.set(called, { dims, values: new Float32Array(Uint8Array.from(raw).buffer) });
}

function weightField(name: string, dims: readonly number[], values: Float32Array): Field {
  return message(
    GRAPH.weight,
    ...dims.map((size) => integer(TENSOR.dim, size)),
    integer(TENSOR.type, FLOAT32),
    text(TENSOR.name, name),
    bytes(TENSOR.raw, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
  );
}

function contents(fields: readonly ReadField[], number: number): Buffer[] {
  return fields.flatMap((field) =>
    field.number === number && field.value instanceof Buffer ? [field.value] : [],
  );
}

function packed(content: Buffer): number[] {
  // Numbers without their tags: read as fields they would need some, so each gets one.
  const numbers: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of content) {
    value |= BigInt(byte & 127) << shift;
    shift += 7n;
    if (byte >= 128) continue;
    numbers.push(Number(BigInt.asIntN(64, value)));
    [value, shift] = [0n, 0n];
  }
  return numbers;
}

const encoded = ({ number, value }: ReadField): Field =>
  value instanceof Buffer ? bytes(number, value) : integer(number, Number(value));
