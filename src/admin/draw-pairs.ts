import { randomInt, randomUUID } from 'node:crypto';
import { RateLimitedError } from '../domain/errors.ts';
import type { Random } from '../domain/ports.ts';
import { seeded } from '../domain/seeded.ts';
import type { DrawnPair, DrawnStratum, ScoredPair } from '../people/calibration/draw.ts';
import type { CalibrationLedger } from '../people/calibration/ledger.ts';
import { type EnrolledFace, randomPositions } from '../people/calibration/sampling.ts';
import { LOWEST, type Stratum, strataOf, stratumIndex } from '../people/calibration/strata.ts';
import type { Audited } from './audited.ts';

/** A neighbour of a face, as a search gives it. */
interface Neighbour {
  readonly faceKey: string;
  readonly jobId: string;
  readonly confidence: number;
}

export interface DrawDeps extends Audited {
  readonly ledger: CalibrationLedger;
  /** Of the recognition. */
  readonly model: string;
  /** `FACE_MATCH_CONFIDENCE`. */
  readonly threshold: number;
  /** Neighbours of an enrolled face, best first, as sure as `atLeast`; undefined where it cannot be searched any more. */
  search(
    face: EnrolledFace,
    options: { atLeast: number; max: number },
    signal: AbortSignal,
  ): Promise<readonly Neighbour[] | undefined>;
}

interface DrawRequest {
  /** Faces to search, at random. */
  readonly faces: number;
  /** Most pairs of a stratum. */
  readonly perStratum: number;
  readonly seed?: number | undefined;
}

interface DrawReport {
  readonly id: string;
  readonly seed: number;
  /** Faces there are, and how many were searched. */
  readonly faces: number;
  readonly searched: number;
  /** Pairs that reviewers are asked about from now on. */
  readonly pairs: number;
  readonly below: readonly DrawnStratum[];
}

/** A search gives 1,000 candidates at most; some are left out: the photograph's own faces, orphans. */
const MOST_NEIGHBOURS = 800;

/**
 * Draws pairs for reviewers, as many from each stratum: those below the threshold, which nobody is offered, from searches
 * of random faces; those above it from what is offered. Without the first, misses would read zero.
 */
export async function drawPairs(
  request: DrawRequest,
  who: string,
  deps: DrawDeps,
  signal: AbortSignal,
): Promise<DrawReport> {
  const { ledger, threshold, model } = deps;
  const seed = request.seed ?? randomInt(2 ** 31);
  const random = seeded(seed);
  const id = randomUUID();
  const strata = strataOf(threshold);
  await deps.audit.record({
    who,
    action: 'calibration.drawn',
    detail: { draw: id, faces: request.faces, perStratum: request.perStratum, seed },
  });
  const { all, sampled } = await ledger.sampleFaces(request.faces, random);
  const below = new Below(strata.filter(({ from }) => from < threshold));
  let searched = 0;
  for (const face of sampled) {
    const found = await patiently(() => deps.search(face, { atLeast: LOWEST, max: MOST_NEIGHBOURS }, signal));
    signal.throwIfAborted();
    if (!found) continue;
    searched += 1;
    below.add(face, found, found.length >= MOST_NEIGHBOURS);
  }
  const pairs = below.draw(request.perStratum, random);
  for (const stratum of strata.filter(({ from }) => from >= threshold)) {
    pairs.push(...(await ledger.sampleOffered(stratum, request.perStratum, random)));
  }
  const inOrder = pairs.map(
    (pair): DrawnPair => ({ ...pair, position: Math.floor(random() * Number.MAX_SAFE_INTEGER) }),
  );
  const draw = { id, by: who, model, threshold, faces: all, searched, seed, strata: below.found() };
  const kept = await ledger.keepDraw(draw, inOrder);
  return { id, seed, faces: all, searched, pairs: kept, below: draw.strata };
}

/** What searches found below the threshold, by stratum. */
class Below {
  readonly #strata: readonly Stratum[];
  readonly #pairs: Map<string, ScoredPair>[];
  readonly #searches: number[];

  constructor(strata: readonly Stratum[]) {
    this.#strata = strata;
    this.#pairs = strata.map(() => new Map());
    this.#searches = strata.map(() => 0);
  }

  /** @param cut the search gave as many as it may: what lies below its last was not seen */
  add(face: EnrolledFace, found: readonly Neighbour[], cut: boolean): void {
    // A search that is cut has given some.
    const reach = cut ? (found.at(-1) as Neighbour).confidence : 0;
    const reached = this.#strata.map(({ from }) => from >= reach);
    reached.forEach((is, at) => {
      if (is) this.#searches[at] = (this.#searches[at] as number) + 1;
    });
    for (const { faceKey, jobId, confidence } of found) {
      const at = stratumIndex(this.#strata, confidence);
      const { to = 0 } = this.#strata[at] ?? {};
      if (!reached[at] || confidence >= to) continue;
      const mine = [face.face, face.imageId] as const;
      const [a, b] =
        face.face < faceKey ? [mine, [faceKey, jobId] as const] : [[faceKey, jobId] as const, mine];
      this.#pairs[at]?.set(JSON.stringify([a[0], b[0]]), {
        faces: [a[0], b[0]],
        images: [a[1], b[1]],
        score: confidence,
      });
    }
  }

  draw(perStratum: number, random: Random): ScoredPair[] {
    return this.#pairs.flatMap((pairs) => {
      const sorted = [...pairs].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, pair]) => pair);
      return randomPositions(perStratum, sorted.length, random).map((at) => sorted[at] as ScoredPair);
    });
  }

  found(): DrawnStratum[] {
    return this.#strata.map(({ from }, at) => ({
      from,
      searches: this.#searches[at] as number,
      found: (this.#pairs[at] as Map<string, ScoredPair>).size,
    }));
  }
}

const TRIES = 5;

/** A list that is trained just now can be searched a moment later. */
async function patiently<T>(search: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await search();
    } catch (error) {
      if (!(error instanceof RateLimitedError) || tries === TRIES) throw error;
      await new Promise((done) => setTimeout(done, Math.min(error.retryAfterMs, 5000)));
    }
  }
}
