import type { Analysis, AnalysisPart } from '../analysis.ts';

type Parts = { [P in AnalysisPart]?: Promise<Analysis[P]> };

/**
 * The parts known or under way of the images last asked for: results, never pixels. The image longest unused leaves
 * first. A part that fails is forgotten, so that it is tried again when next asked for.
 */
export class ResultCache {
  readonly #capacity: number;
  /** In order of last use. */
  readonly #images = new Map<string, Parts>();

  /** @param capacity images */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** The parts of an image, those missing computed together by `compute`. */
  async get<P extends AnalysisPart>(
    key: string,
    parts: readonly P[],
    compute: (missing: readonly AnalysisPart[]) => Promise<Partial<Analysis>>,
  ): Promise<Pick<Analysis, P>> {
    const image = this.#touch(key);
    const missing = [...new Set(parts)].filter((part) => image[part] === undefined);
    if (missing.length > 0) {
      const computed = compute(missing);
      for (const part of missing) this.#remember(image, part, computed);
    }
    const values = await Promise.all(parts.map(async (part) => [part, await image[part]] as const));
    return Object.fromEntries(values) as unknown as Pick<Analysis, P>;
  }

  #touch(key: string): Parts {
    const image = this.#images.get(key) ?? {};
    this.#images.delete(key);
    this.#images.set(key, image);
    for (const oldest of this.#images.keys()) {
      if (this.#images.size <= this.#capacity) break;
      this.#images.delete(oldest);
    }
    return image;
  }

  #remember(image: Parts, part: AnalysisPart, computed: Promise<Partial<Analysis>>): void {
    const value = computed.then((values) => values[part]);
    Object.assign(image, { [part]: value });
    value.catch(() => {
      delete image[part];
    });
  }
}
