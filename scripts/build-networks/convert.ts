import type { ElementType } from '../onnx/model.ts';
import { attribute, elementType } from '../onnx/model.ts';
import { Graph } from './graph.ts';
import { ARRANGEMENT } from './kernels/arrangement.ts';
import { ELEMENTWISE } from './kernels/elementwise.ts';
import type { Writer } from './kernels/kernel.ts';
import { REDUCTION } from './kernels/reduction.ts';
import { WINDOWS } from './kernels/windows.ts';
import type { Trace } from './trace.ts';

/** The kernels that can be written, by TensorFlow.js's names. */
export const KERNELS: Readonly<Record<string, Writer>> = {
  ...WINDOWS,
  ...ELEMENTWISE,
  ...ARRANGEMENT,
  ...REDUCTION,
};

export interface Signature {
  name: string;
  /** What the model takes; the traced input's own type where it is left out. It is cast first. */
  inputType?: ElementType;
  /** Names of the outputs, in the order in which the traced network gives them. */
  outputs: readonly string[];
}

/**
 * Writes a traced network as an ONNX model with one input, `input`, of the traced shape.
 *
 * @throws {Error} where the network calls a kernel, or calls it in a way, that is not known here
 */
export function toOnnx({ input, outputs, kernels, constants }: Trace, signature: Signature): Buffer {
  const graph = new Graph(constants);
  const { name, inputType = input.type } = signature;
  const to = attribute.integer('to', elementType(input.type));
  graph.setPlain(input, inputType === input.type ? 'input' : graph.add('Cast', ['input'], [to]));
  for (const kernel of kernels) {
    const write = KERNELS[kernel.name];
    if (write === undefined)
      throw new Error(`${name} calls the kernel ${kernel.name}, which cannot be written as ONNX.`);
    write(kernel, graph);
  }
  return graph.encode(
    name,
    { name: 'input', type: inputType, dims: input.shape },
    outputs,
    signature.outputs,
  );
}
