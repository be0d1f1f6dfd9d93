import type { Tensor, TensorFlow } from './tensorflow.ts';

/** A tensor that passed through a traced run. */
export interface TracedTensor {
  id: number;
  shape: readonly number[];
  type: 'float32' | 'int32' | 'bool';
}

/** One kernel of TensorFlow.js that the run called. */
export interface Kernel {
  name: string;
  inputs: Record<string, TracedTensor | TracedTensor[]>;
  attributes: Record<string, unknown>;
  outputs: TracedTensor[];
}

/** What a network does to one input: its kernels in order, and the weights that they take. */
export interface Trace {
  input: TracedTensor;
  outputs: TracedTensor[];
  kernels: Kernel[];
  /** Values of the tensors that no kernel made, by id. */
  constants: Map<number, Float32Array | Int32Array | Uint8Array>;
}

type RunKernel = (name: string, inputs: object, attributes?: object) => Tensor | Tensor[];

/**
 * Runs a network once and writes down the kernels that it calls. What the network decides in JavaScript is decided for
 * good: the trace is of a network whose path does not depend on its input, at the input's shape.
 */
export async function trace(
  tf: TensorFlow,
  network: (input: Tensor) => Tensor | Tensor[] | Promise<Tensor | Tensor[]>,
  input: Tensor,
): Promise<Trace> {
  const engine = tf.engine() as unknown as { runKernel: RunKernel };
  const original = engine.runKernel;
  const made = new Set([input.id]);
  const constants: Trace['constants'] = new Map();
  const kernels: Kernel[] = [];
  const note = (tensor: Tensor): TracedTensor => {
    if (!made.has(tensor.id) && !constants.has(tensor.id)) constants.set(tensor.id, valuesOf(tensor));
    return traced(tensor);
  };
  engine.runKernel = function (name, inputs, attributes = {}) {
    const result = original.call(this, name, inputs, attributes);
    const given = Object.entries(inputs).flatMap(([key, value]) =>
      value === null || value === undefined
        ? []
        : [[key, Array.isArray(value) ? value.map(note) : note(value as Tensor)] as const],
    );
    const outputs = [result].flat();
    for (const { id } of outputs) made.add(id);
    kernels.push({
      name,
      inputs: Object.fromEntries(given),
      attributes: { ...attributes },
      outputs: outputs.map(traced),
    });
    return result;
  };
  try {
    const outputs = [await network(input)].flat();
    return {
      input: traced(input),
      outputs: outputs.map(traced),
      kernels: needed(kernels, outputs),
      constants,
    };
  } finally {
    engine.runKernel = original;
  }
}

function traced({ id, shape, dtype }: Tensor): TracedTensor {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool')
    throw new TypeError(`Tensors of ${dtype} cannot be traced.`);
  return { id, shape: [...shape], type: dtype };
}

function valuesOf(tensor: Tensor): Float32Array | Int32Array | Uint8Array {
  const values = tensor.dataSync();
  // Copied: what the backend hands out may be a view of memory that it uses again.
  return values.slice() as typeof values;
}

/** The kernels that the outputs depend on. */
function needed(kernels: readonly Kernel[], outputs: readonly Tensor[]): Kernel[] {
  const wanted = new Set(outputs.map(({ id }) => id));
  const kept: Kernel[] = [];
  for (const kernel of kernels.toReversed()) {
    if (!kernel.outputs.some(({ id }) => wanted.has(id))) continue;
    for (const { id } of Object.values(kernel.inputs).flat()) wanted.add(id);
    kept.push(kernel);
  }
  return kept.reverse();
}
