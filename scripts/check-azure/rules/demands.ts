import { at } from '../arm/template.ts';
import type { Rule } from '../finding.ts';
import { resourceTypes } from '../knowledge/all-types.ts';
import { deployed, inTemplate, shown } from './support.ts';

export const demandRules: readonly Rule[] = [
  {
    id: 'demand',
    why: 'The project promises it: identity only, nothing public, what is erased is gone.',
    *check(context) {
      for (const { scenario, resource } of deployed(context))
        for (const [path, { value, why }] of Object.entries(resourceTypes[resource.type]?.demands ?? {})) {
          const found = at(resource.body, path);
          if (found !== value)
            yield {
              path: inTemplate(resource.path, path),
              problem: found === undefined ? 'is missing' : `is ${shown(found)}`,
              remedy: `Write ${shown(value)}: ${why}. Seen with ${scenario.name}.`,
            };
        }
    },
  },
  {
    id: 'no-password-admin',
    why: 'A SQL login is a password that can be stolen.',
    *check(context) {
      for (const { resource } of deployed(context, 'Microsoft.Sql/servers'))
        for (const property of ['administratorLogin', 'administratorLoginPassword'])
          if (at(resource.body, `properties.${property}`) !== undefined)
            yield {
              path: inTemplate(resource.path, 'properties', property),
              problem: 'is set',
              remedy: 'Take it out: the administrator signs in with Entra ID.',
            };
    },
  },
];
