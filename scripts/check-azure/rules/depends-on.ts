import type { Deployed } from '../arm/expand.ts';
import type { Rule } from '../finding.ts';
import { targetsAmong } from './dependencies.ts';
import { inTemplate } from './support.ts';

/** A path through dependencies that comes back to where it began, or undefined. */
function cycle(
  resources: readonly Deployed[],
  targets: (resource: Deployed) => readonly Deployed[],
): Deployed[] | undefined {
  const done = new Set<Deployed>();
  const visit = (resource: Deployed, above: readonly Deployed[]): Deployed[] | undefined => {
    const start = above.indexOf(resource);
    if (start >= 0) return [...above.slice(start), resource];
    if (done.has(resource)) return undefined;
    done.add(resource);
    for (const target of targets(resource)) {
      const found = visit(target, [...above, resource]);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  for (const resource of resources) {
    const found = visit(resource, []);
    if (found !== undefined) return found;
  }
  return undefined;
}

export const dependsOn: Rule = {
  id: 'depends-on',
  why: 'Azure refuses a dependency on a resource that the template does not declare, and dependencies in a circle.',
  *check({ scenarios }) {
    for (const { resources } of scenarios) {
      const find = targetsAmong(resources);
      for (const resource of resources)
        for (const [index, target] of resource.dependsOn.entries())
          if (find(target).length === 0)
            yield {
              path: inTemplate(resource.path, `dependsOn[${index}]`),
              problem: `there is no ${target.replace(/^.*\/providers\//, '')} in the template`,
              remedy:
                'Name a resource that the template declares, by resourceId(type, name), or a copy loop.',
            };
      const circle = cycle(resources, (resource) => resource.dependsOn.flatMap(find));
      if (circle !== undefined)
        yield {
          path: inTemplate(circle[0]?.path ?? '', 'dependsOn'),
          problem: `goes in a circle: ${circle.map((resource) => resource.type).join(' -> ')}`,
          remedy: 'Take out the dependency that is not needed.',
        };
    }
  },
};
