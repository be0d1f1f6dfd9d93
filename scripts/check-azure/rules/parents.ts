import type { Deployed } from '../arm/expand.ts';
import type { Rule } from '../finding.ts';
import { inTemplate } from './support.ts';

function parentOf({ type, name, id }: Deployed): { type: string; id: string } | undefined {
  if (type.split('/').length < 3 || !name.includes('/')) return undefined;
  return {
    type: type.split('/').slice(0, -1).join('/'),
    id: id.split('/').slice(0, -2).join('/').toLowerCase(),
  };
}

export const parents: Rule = {
  id: 'parent',
  why: 'A child resource is made inside its parent, which must be there first.',
  *check({ scenarios }) {
    for (const { name, resources } of scenarios) {
      const byId = new Map(resources.map((resource) => [resource.id.toLowerCase(), resource]));
      for (const resource of resources) {
        const parent = resource.active ? parentOf(resource) : undefined;
        if (parent === undefined) continue;
        const found = byId.get(parent.id);
        if (found?.type !== parent.type || !found.active)
          yield {
            path: inTemplate(resource.path, 'name'),
            problem: `its parent, a ${parent.type}, is not deployed`,
            remedy: `Declare the parent, or give the child the same condition. Seen with ${name}.`,
          };
        else if (!resource.dependsOn.some((id) => id.toLowerCase() === parent.id))
          yield {
            path: inTemplate(resource.path, 'dependsOn'),
            problem: `does not name its parent ${parent.type}`,
            remedy: 'Add its resourceId: Azure would make both at once.',
          };
      }
    }
  },
};
