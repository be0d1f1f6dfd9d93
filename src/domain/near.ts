import { editDistance } from './edit-distance.ts';

/** Names like the one that was asked for, the nearest first: what "did you mean" offers. */
export class NearNames {
  readonly #asked: string;
  readonly #most: number;
  #found: { name: string; distance: number }[] = [];

  constructor(asked: string, most = 5) {
    this.#asked = lastPart(asked);
    this.#most = most;
  }

  /** Looks at one more name. */
  add(name: string): void {
    const distance = this.#distanceTo(lastPart(name));
    if (distance === undefined || this.#found.some((one) => one.name === name)) return;
    this.#found.push({ name, distance });
    this.#found.sort((one, other) => one.distance - other.distance);
    this.#found = this.#found.slice(0, this.#most);
  }

  get names(): string[] {
    return this.#found.map(({ name }) => name);
  }

  #distanceTo(name: string): number | undefined {
    const asked = this.#asked;
    if (asked === '') return undefined;
    const least = Math.min(name.length, asked.length);
    if (least >= 3 && (name.includes(asked) || asked.includes(name))) return 0;
    const limit = Math.max(1, Math.floor(asked.length / 4));
    const distance = editDistance(name, asked, limit);
    return distance <= limit ? distance : undefined;
  }
}

const lastPart = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toLowerCase();
