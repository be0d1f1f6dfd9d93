import { attribute, encodeModel, node, tensor } from '../onnx/model.ts';
import type { Field } from '../onnx/protobuf.ts';
import type { Network } from './network.ts';

const OPSET = 13;

/** The network as an ONNX model: input `image` 1 x 3 x side x side, output `probabilities` 1 x classes. */
export function toOnnx(network: Network, side: number): Buffer {
  const nodes: Field[] = [];
  const weights: Field[] = [];
  nodes.push(
    node('MeanVarianceNormalization', ['image'], ['normalised'], [attribute.integers('axes', [1, 2, 3])]),
  );
  let current = 'normalised';
  network.convolutions.forEach((layer, index) => {
    const [w, b] = [`w${index}`, `b${index}`];
    weights.push(tensor(w, 'float32', [layer.outChannels, layer.inChannels, 3, 3], layer.weights));
    weights.push(tensor(b, 'float32', [layer.outChannels], layer.biases));
    nodes.push(
      node(
        'Conv',
        [current, w, b],
        [`conv${index}`],
        [
          attribute.integers('kernel_shape', [3, 3]),
          attribute.integers('pads', pads(index, side)),
          attribute.integers('strides', [2, 2]),
        ],
      ),
      node('Relu', [`conv${index}`], [`relu${index}`]),
    );
    current = `relu${index}`;
  });
  const channels = network.convolutions.at(-1)?.outChannels ?? 0;
  weights.push(tensor('w', 'float32', [network.classes, channels], network.weights));
  weights.push(tensor('b', 'float32', [network.classes], network.biases));
  nodes.push(
    node('GlobalAveragePool', [current], ['means']),
    node('Flatten', ['means'], ['flat']),
    node('Gemm', ['flat', 'w', 'b'], ['scores'], [attribute.integer('transB', 1)]),
    node('Softmax', ['scores'], ['probabilities'], [attribute.integer('axis', 1)]),
  );
  return encodeModel({
    name: 'textures',
    opset: OPSET,
    nodes,
    weights,
    inputs: [{ name: 'image', type: 'float32', dims: [1, 3, side, side] }],
    outputs: [{ name: 'probabilities', type: 'float32', dims: [1, network.classes] }],
  });
}

/** One pixel before, and one after where the side is odd: as many as the windows reach over the edge. */
function pads(index: number, side: number): number[] {
  let input = side;
  for (let i = 0; i < index; i++) input = Math.ceil(input / 2);
  const after = input % 2 === 0 ? 0 : 1;
  return [1, 1, after, after];
}
