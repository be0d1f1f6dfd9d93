import type { Chance } from '../chance.ts';
import { attribute, encodeModel, type ModelValue, node, tensor } from '../onnx/model.ts';
import type { Field } from '../onnx/protobuf.ts';
import { type Layer, LEAK } from '../perceptron.ts';

const OPSET = 13;

/** Pixels of the model's input. */
export const SIDE = 48;

/** Convolutions of 3 x 3. */
const CONVOLUTIONS = [
  { filters: 16, stride: 1 },
  { filters: 24, stride: 1 },
  { filters: 32, stride: 2 },
];

/** Nodes of a model with their constants, and the size of what the last of them gives. */
interface Part {
  nodes: Field[];
  weights: Field[];
  size: number;
}

/**
 * What is looked at in an image, as an ONNX model: `image` 1 x 3 x 48 x 48 to `features` 1 x n. The filters are as
 * chance makes them: a texture shows in how strongly each of many filters answers to it, on average, as a whole and at
 * most.
 *
 * @param random in the same state for the same filters
 */
export function featureModel(random: Chance): Buffer {
  const part = features(random);
  return encoded(part, { name: 'features', type: 'float32', dims: [1, part.size] });
}

/** The classifier: `image` to `probabilities` 1 x classes, by a perceptron that was trained on the features. */
export function classifierModel(random: Chance, perceptron: readonly [Layer, Layer]): Buffer {
  const { nodes, weights } = features(random);
  const [hidden, last] = perceptron;
  nodes.push(
    node('Gemm', ['features', 'hidden.w', 'hidden.b'], ['hidden'], [attribute.integer('transB', 1)]),
    node('LeakyRelu', ['hidden'], ['rectified'], [attribute.float('alpha', LEAK)]),
    node('Gemm', ['rectified', 'last.w', 'last.b'], ['scores'], [attribute.integer('transB', 1)]),
    node('Softmax', ['scores'], ['probabilities'], [attribute.integer('axis', 1)]),
  );
  weights.push(...constants('hidden', hidden), ...constants('last', last));
  const size = last.outputs;
  return encoded({ nodes, weights, size }, { name: 'probabilities', type: 'float32', dims: [1, size] });
}

const encoded = ({ nodes, weights }: Part, output: ModelValue): Buffer =>
  encodeModel({
    name: 'textures',
    opset: OPSET,
    nodes,
    weights,
    inputs: [{ name: 'image', type: 'float32', dims: [1, 3, SIDE, SIDE] }],
    outputs: [output],
  });

function features(random: Chance): Part {
  // Brightness and contrast are taken out first.
  const nodes = [
    node('MeanVarianceNormalization', ['image'], ['map'], [attribute.integers('axes', [1, 2, 3])]),
  ];
  const weights: Field[] = [];
  const answers: string[] = [];
  let [map, channels, size] = ['map', 3, 0];
  for (const [index, { filters, stride }] of CONVOLUTIONS.entries()) {
    const named = (name: string) => `${name}${index}`;
    weights.push(
      tensor(named('w'), 'float32', [filters, channels, 3, 3], randomFilters(filters, channels, random)),
      tensor(named('b'), 'float32', [filters], normals(filters, 0.3, random)),
    );
    nodes.push(
      node(
        'Conv',
        [map, named('w'), named('b')],
        [named('conv')],
        [
          attribute.integers('kernel_shape', [3, 3]),
          attribute.integers('pads', [1, 1, 1, 1]),
          attribute.integers('strides', [stride, stride]),
        ],
      ),
      node('Relu', [named('conv')], [named('map')]),
      node('GlobalAveragePool', [named('map')], [named('mean')]),
      node('ReduceL2', [named('map')], [named('whole')], [attribute.integers('axes', [2, 3])]),
      node('GlobalMaxPool', [named('map')], [named('most')]),
    );
    answers.push(named('mean'), named('whole'), named('most'));
    [map, channels, size] = [named('map'), filters, size + 3 * filters];
  }
  nodes.push(
    node('Concat', answers, ['answers'], [attribute.integer('axis', 1)]),
    node('Flatten', ['answers'], ['features']),
  );
  return { nodes, weights, size };
}

/** Of spread 1 over what they look at, and answering nothing to an even area. */
function randomFilters(filters: number, channels: number, random: Chance): Float32Array {
  const values = normals(filters * channels * 9, Math.sqrt(2 / (channels * 9)), random);
  for (let at = 0; at < values.length; at += 9) {
    const filter = values.subarray(at, at + 9);
    const mean = filter.reduce((sum, value) => sum + value, 0) / 9;
    filter.forEach((value, i) => {
      filter[i] = value - mean;
    });
  }
  return values;
}

/** Box and Muller. */
const normals = (length: number, spread: number, random: Chance): Float32Array =>
  Float32Array.from(
    { length },
    () => spread * Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next()),
  );

/** The weights of a layer, `[output][input]`, and its biases. */
function constants(name: string, { weights, inputs, outputs }: Layer): Field[] {
  const rows = Array.from({ length: outputs }, (_, row) =>
    weights.subarray(row * (inputs + 1), (row + 1) * (inputs + 1)),
  );
  const plain = Float32Array.from(rows.flatMap((row) => [...row.subarray(0, inputs)]));
  const biases = Float32Array.from(rows, (row) => row[inputs] ?? 0);
  return [
    tensor(`${name}.w`, 'float32', [outputs, inputs], plain),
    tensor(`${name}.b`, 'float32', [outputs], biases),
  ];
}
