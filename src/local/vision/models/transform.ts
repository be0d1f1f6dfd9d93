import type { Point } from '../analysis.ts';

/** A turn, a scale and a shift: x' = a x - b y + tx, y' = b x + a y + ty. */
export interface Similarity {
  a: number;
  b: number;
  tx: number;
  ty: number;
}

export function applySimilarity({ a, b, tx, ty }: Similarity, { x, y }: Point): Point {
  return { x: a * x - b * y + tx, y: b * x + a * y + ty };
}

/** The similarity that maps `from` onto `to` with the least sum of squared distances. */
export function fitSimilarity(from: readonly Point[], to: readonly Point[]): Similarity {
  const centreFrom = centre(from);
  const centreTo = centre(to);
  let dot = 0;
  let cross = 0;
  let spread = 0;
  for (const [i, p] of from.entries()) {
    const q = to[i];
    if (q === undefined) throw new RangeError('Both lists of points must have the same length.');
    const [x, y, u, v] = [p.x - centreFrom.x, p.y - centreFrom.y, q.x - centreTo.x, q.y - centreTo.y];
    dot += x * u + y * v;
    cross += x * v - y * u;
    spread += x * x + y * y;
  }
  const a = dot / spread;
  const b = cross / spread;
  return {
    a,
    b,
    tx: centreTo.x - a * centreFrom.x + b * centreFrom.y,
    ty: centreTo.y - b * centreFrom.x - a * centreFrom.y,
  };
}

export function centre(points: readonly Point[]): Point {
  const sum = points.reduce((total, p) => ({ x: total.x + p.x, y: total.y + p.y }), { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}
