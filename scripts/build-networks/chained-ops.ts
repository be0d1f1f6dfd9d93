import type { Tensor, TensorFlow } from './tensorflow.ts';

/**
 * Gives tensors the methods that face-api's networks call on them (`x.div(255)` for `tf.div(x, 255)`). The umbrella
 * package @tensorflow/tfjs installs all of TensorFlow's; the core, which is all the engine needs, has none.
 */
export function installChainedOps(tf: TensorFlow): void {
  const reshape = function (this: Tensor, ...shape: number[]) {
    return tf.reshape(this, shape);
  };
  Object.assign(tf.Tensor.prototype, {
    as1D(this: Tensor) {
      return tf.reshape(this, [this.size]);
    },
    as2D: reshape,
    as3D: reshape,
    as4D: reshape,
    mean(this: Tensor, axis: number[]) {
      return tf.mean(this, axis);
    },
    ...Object.fromEntries(
      (['sub', 'mul', 'div'] as const).map((op) => [
        op,
        function (this: Tensor, other: Tensor | number) {
          return tf[op](this, other);
        },
      ]),
    ),
  });
}
