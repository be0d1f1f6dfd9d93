import type { Graph } from '../graph.ts';
import type { Kernel, TracedTensor } from '../trace.ts';

/** Writes one kernel of TensorFlow.js as nodes of ONNX. */
export type Writer = (kernel: Kernel, graph: Graph) => void;

export function inputOf(kernel: Kernel, name: string): TracedTensor {
  const input = optionalInput(kernel, name);
  if (input === undefined) throw new Error(`${kernel.name} was called without "${name}".`);
  return input;
}

export function optionalInput({ name: kernel, inputs }: Kernel, name: string): TracedTensor | undefined {
  const input = inputs[name];
  if (Array.isArray(input)) throw new TypeError(`"${name}" of ${kernel} is a list.`);
  return input;
}

/** All inputs of a kernel that takes a list of them. */
export const inputsOf = ({ inputs }: Kernel): TracedTensor[] => Object.values(inputs).flat();

export function outputOf({ name, outputs }: Kernel): TracedTensor {
  const [output] = outputs;
  if (output === undefined || outputs.length > 1)
    throw new Error(`${name} has ${outputs.length} outputs, not one.`);
  return output;
}

/** Counted from the front. */
export const axisOf = (axis: number, { shape }: TracedTensor): number =>
  axis < 0 ? shape.length + axis : axis;

/** A number for both sides of a window, or one for each. */
export const pair = (value: number | [number, number]): [number, number] =>
  Array.isArray(value) ? value : [value, value];
