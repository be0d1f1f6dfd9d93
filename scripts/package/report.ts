export const megabytes = (bytes: number): string => `${(bytes / 1_000_000).toFixed(1)} MB`;

/** The package that a file belongs to; `dist` for the app's own code. */
function partOf(path: string): string {
  const [, name] = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path) ?? [];
  return name ?? path.split('/')[0] ?? path;
}

/** The largest parts of a package, compressed, largest first, each in a line. */
export function largestParts(parts: ReadonlyMap<string, number>, count = 10): string[] {
  const sums = new Map<string, number>();
  for (const [path, bytes] of parts) sums.set(partOf(path), (sums.get(partOf(path)) ?? 0) + bytes);
  return [...sums]
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, count)
    .map(([name, bytes]) => `${megabytes(bytes).padStart(8)}  ${name}`);
}

/** Why a package of so many bytes is not to be deployed; undefined where it is. */
export function refusalOf(bytes: number, limit: number): string | undefined {
  if (bytes <= limit) return undefined;
  return `The package is larger than its limit of ${megabytes(limit)}: see what grew, or raise --limit knowingly.`;
}
