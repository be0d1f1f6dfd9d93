import type { Network } from './network.ts';
import { bytes, type Field, integer, message, text } from './protobuf.ts';

/** Field numbers and constants: onnx.proto3 of ONNX 1.12 (IR version 8), operators of opset 13. */
const IR_VERSION = 8;
const OPSET = 13;
const FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

/** The network as an ONNX model: input `image` 1 x 3 x side x side, output `probabilities` 1 x classes. */
export function toOnnx(network: Network, side: number): Buffer {
  const nodes: Field[] = [];
  const weights: Field[] = [];
  nodes.push(node('MeanVarianceNormalization', ['image'], 'normalised', [integers('axes', [1, 2, 3])]));
  let current = 'normalised';
  network.convolutions.forEach((layer, index) => {
    const [w, b] = [`w${index}`, `b${index}`];
    weights.push(tensor(w, [layer.outChannels, layer.inChannels, 3, 3], layer.weights));
    weights.push(tensor(b, [layer.outChannels], layer.biases));
    nodes.push(
      node('Conv', [current, w, b], `conv${index}`, [
        integers('kernel_shape', [3, 3]),
        integers('pads', pads(index, side)),
        integers('strides', [2, 2]),
      ]),
      node('Relu', [`conv${index}`], `relu${index}`),
    );
    current = `relu${index}`;
  });
  const channels = network.convolutions.at(-1)?.outChannels ?? 0;
  weights.push(tensor('w', [network.classes, channels], network.weights));
  weights.push(tensor('b', [network.classes], network.biases));
  nodes.push(
    node('GlobalAveragePool', [current], 'means'),
    node('Flatten', ['means'], 'flat'),
    node('Gemm', ['flat', 'w', 'b'], 'scores', [number('transB', 1)]),
    node('Softmax', ['scores'], 'probabilities', [number('axis', 1)]),
  );
  const graph = message(
    7,
    ...nodes,
    text(2, 'textures'),
    ...weights,
    value(11, 'image', [1, 3, side, side]),
    value(12, 'probabilities', [1, network.classes]),
  );
  return Buffer.concat([
    integer(1, IR_VERSION),
    text(2, 'imaginem'),
    graph,
    message(8, text(1, ''), integer(2, OPSET)),
  ]);
}

/** One pixel before, and one after where the side is odd: as many as the windows reach over the edge. */
function pads(index: number, side: number): number[] {
  let input = side;
  for (let i = 0; i < index; i++) input = Math.ceil(input / 2);
  const after = input % 2 === 0 ? 0 : 1;
  return [1, 1, after, after];
}

const node = (type: string, inputs: readonly string[], output: string, attributes: Field[] = []): Field =>
  message(
    1,
    ...inputs.map((input) => text(1, input)),
    text(2, output),
    text(3, output),
    text(4, type),
    ...attributes,
  );

const number = (name: string, given: number): Field =>
  message(5, text(1, name), integer(3, given), integer(20, ATTRIBUTE_INT));
const integers = (name: string, given: readonly number[]): Field =>
  message(5, text(1, name), ...given.map((one) => integer(8, one)), integer(20, ATTRIBUTE_INTS));

/** Raw data are little-endian, which `Float32Array` is on every machine Node runs on but s390x. */
function tensor(name: string, dims: readonly number[], data: Float32Array): Field {
  const raw = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return message(5, ...dims.map((size) => integer(1, size)), integer(2, FLOAT), text(8, name), bytes(9, raw));
}

function value(field: number, name: string, dims: readonly number[]): Field {
  const shape = message(2, ...dims.map((size) => message(1, integer(1, size))));
  return message(field, text(1, name), message(2, message(1, integer(1, FLOAT), shape)));
}
