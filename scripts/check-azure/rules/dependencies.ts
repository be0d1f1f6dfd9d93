import type { Deployed } from '../arm/expand.ts';

/** Finds what an entry of `dependsOn` names: a resource by its id, or the resources of a copy loop by its name. */
export function targetsAmong(resources: readonly Deployed[]): (target: string) => readonly Deployed[] {
  const byId = Map.groupBy(resources, (resource) => resource.id.toLowerCase());
  const byLoop = Map.groupBy(resources, (resource) => resource.declared.copy?.name ?? '');
  byLoop.delete('');
  return (target) => byId.get(target.toLowerCase()) ?? byLoop.get(target) ?? [];
}

/** Everything a resource waits for, directly or through others; works in circles too. */
export function waitsFor(
  resource: Deployed,
  find: (target: string) => readonly Deployed[],
  found = new Set<Deployed>(),
): ReadonlySet<Deployed> {
  for (const target of resource.dependsOn.flatMap(find)) {
    if (found.has(target)) continue;
    found.add(target);
    waitsFor(target, find, found);
  }
  return found;
}
