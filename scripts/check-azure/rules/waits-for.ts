import type { Deployed } from '../arm/expand.ts';
import { texts } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { targetsAmong, waitsFor } from './dependencies.ts';
import { inTemplate } from './support.ts';

/** The resources whose ids, or ids below them, stand in a resource's properties, scope or identity. */
function* named(resource: Deployed, byId: ReadonlyMap<string, Deployed>): Generator<Deployed> {
  const { scope } = resource.body;
  const group = resource.id.slice(0, resource.id.indexOf('/providers/'));
  const ids = [...texts(resource.body, '')]
    .map(({ text }) => text)
    .filter((text) => text.startsWith('/subscriptions/'));
  if (typeof scope === 'string') ids.push(`${group}/providers/${scope}`);
  for (const id of new Set(ids)) {
    const parts = id.toLowerCase().split('/');
    for (let length = parts.length; length > 6; length--) {
      const found = byId.get(parts.slice(0, length).join('/'));
      if (found === undefined) continue;
      if (found !== resource) yield found;
      break;
    }
  }
}

export const waits: Rule = {
  id: 'waits-for',
  why: 'A resource that names another by its id must wait for it: Azure makes all others at the same time.',
  *check({ scenarios }) {
    for (const scenario of scenarios) {
      const active = scenario.resources.filter((resource) => resource.active);
      const byId = new Map(active.map((resource) => [resource.id.toLowerCase(), resource]));
      const find = targetsAmong(active);
      for (const resource of active) {
        const awaited = waitsFor(resource, find);
        for (const other of named(resource, byId))
          if (!awaited.has(other))
            yield {
              path: inTemplate(resource.path, 'dependsOn'),
              problem: `does not name ${other.type}, whose id the resource uses`,
              remedy: `Add its resourceId. Seen with ${scenario.name}.`,
            };
      }
    }
  },
};
