import type { Graph } from '../graph.ts';

/** The activation that fused kernels name. @returns the name of the activated value */
export function activated(graph: Graph, name: string, activation: string | undefined): string {
  switch (activation) {
    case undefined:
    case 'linear':
      return name;
    case 'relu':
      return graph.add('Relu', [name]);
    case 'relu6':
      return graph.add('Clip', [name, graph.scalar(0), graph.scalar(6)]);
    case 'sigmoid':
      return graph.add('Sigmoid', [name]);
    default:
      throw new Error(`The activation "${activation}" is not known.`);
  }
}
