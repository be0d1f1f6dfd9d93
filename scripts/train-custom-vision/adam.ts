/** Adam (Kingma and Ba, 2015) with the paper's constants. */
export class Adam {
  readonly #parameters: readonly Float32Array[];
  readonly #first: Float32Array[];
  readonly #second: Float32Array[];
  #step = 0;

  constructor(parameters: readonly Float32Array[]) {
    this.#parameters = parameters;
    this.#first = parameters.map((values) => new Float32Array(values.length));
    this.#second = parameters.map((values) => new Float32Array(values.length));
  }

  /** @param gradients of the mean loss, by parameter */
  step(gradients: readonly Float32Array[], rate: number): void {
    this.#step += 1;
    const [decay1, decay2] = [0.9, 0.999];
    const [correct1, correct2] = [1 - decay1 ** this.#step, 1 - decay2 ** this.#step];
    this.#parameters.forEach((values, index) => {
      const gradient = gradients[index] as Float32Array;
      const first = this.#first[index] as Float32Array;
      const second = this.#second[index] as Float32Array;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] as number;
        first[i] = decay1 * (first[i] as number) + (1 - decay1) * g;
        second[i] = decay2 * (second[i] as number) + (1 - decay2) * g * g;
        const move = (first[i] as number) / correct1 / (Math.sqrt((second[i] as number) / correct2) + 1e-8);
        values[i] = (values[i] as number) - rate * move;
      }
    });
  }
}
